#!/usr/bin/env bash
# Runs a class of the broker's jars, with the heap that KAFKA_HEAP_OPTS says.
exec java ${KAFKA_HEAP_OPTS:--Xmx512m} -cp '/opt/kafka/libs/*' "$@"
