#!/bin/bash
# Debian's scripts are for root and the user of its package; RabbitMQ's own take any.
rm -rf /etc/rabbitmq/* /var/lib/rabbitmq/*
mkdir -p /etc/rabbitmq/conf.d /var/log/rabbitmq
chown -R rabbitmq:rabbitmq /etc/rabbitmq /var/lib/rabbitmq /var/log/rabbitmq
chmod 1777 /etc/rabbitmq /etc/rabbitmq/conf.d /var/lib/rabbitmq /var/log/rabbitmq
