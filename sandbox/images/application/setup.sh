#!/bin/bash
mkdir -p /app /home/node /var/log/caracal /etc/caracal/config /etc/schema-registry
chown node:node /home/node
