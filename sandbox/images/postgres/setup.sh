#!/bin/bash
# The folders of the official image, at paths that do not name Debian's version.
ln -s "$(ls -d /usr/lib/postgresql/*)" /opt/postgresql
mkdir -p /docker-entrypoint-initdb.d /var/lib/postgresql/data /var/run/postgresql
rm -rf /var/lib/postgresql/[0-9]* /etc/postgresql/*
chown -R postgres:postgres /var/lib/postgresql /var/run/postgresql
chmod 1777 /var/lib/postgresql/data /var/run/postgresql
