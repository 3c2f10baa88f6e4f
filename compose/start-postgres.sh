#!/bin/sh
# Starts PostgreSQL as the user that the container runs as, without ever having been root, whether the image has the programs
# where Docker's official one or where Debian's packages have them. The first start makes the database.
set -eu
bin=$(dirname "$(command -v initdb || ls /usr/lib/postgresql/*/bin/initdb)")
data=/var/tmp/postgresql
if [ ! -s "$data/PG_VERSION" ]; then
  # Into a folder of another name, so that a start that was broken off is begun anew.
  rm -rf "$data" "$data.new"
  printf %s "$POSTGRES_PASSWORD" >/var/tmp/password
  "$bin/initdb" --pgdata="$data.new" --username="$POSTGRES_USER" --pwfile=/var/tmp/password --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 >/dev/null
  rm /var/tmp/password
  echo 'host all all all scram-sha-256' >>"$data.new/pg_hba.conf"
  echo "create database \"$POSTGRES_DB\"" | "$bin/postgres" --single -D "$data.new" postgres >/dev/null
  mv "$data.new" "$data"
fi
exec "$bin/postgres" -D "$data" -c listen_addresses='*' -c unix_socket_directories=
