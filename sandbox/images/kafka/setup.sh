#!/bin/bash
mkdir -p /etc/kafka/secrets /etc/zookeeper/secrets /var/lib/kafka/data /var/lib/zookeeper/data /var/lib/zookeeper/log \
  /var/log/kafka /home/appuser
chown -R appuser:appuser /etc/kafka /etc/zookeeper /var/lib/kafka /var/lib/zookeeper /var/log/kafka /home/appuser
