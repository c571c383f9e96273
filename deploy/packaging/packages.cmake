# What is packaged, a line a package; everything else here follows from it.
#   NAME  TARGETS  WHERE  KIND  SUMMARY
# KIND: service (has a unit, a user, /etc/default, a manual page, completion) or module (a file that a program loads; PARENT
# is the package it goes with). A further module is one more line.
set(pifleet_packages "")

function(pifleet_package name)
  cmake_parse_arguments(arg "" "KIND;PARENT;SUMMARY;TEXT" "PROGRAMS;LIBRARIES;DEPENDS" ${ARGN})
  foreach(target IN LISTS arg_PROGRAMS arg_LIBRARIES)
    if(NOT TARGET ${target})
      message(STATUS "no package ${name}: ${target} is not built here")
      return()
    endif()
  endforeach()
  set(pifleet_packages ${pifleet_packages} ${name} PARENT_SCOPE)
  foreach(field KIND PARENT SUMMARY TEXT PROGRAMS LIBRARIES DEPENDS)
    set(${name}_${field} "${arg_${field}}" PARENT_SCOPE)
  endforeach()
endfunction()

pifleet_package(pifleet-node-exporter KIND service
  PROGRAMS pifleet-node-exporter LIBRARIES pifleet-node-exporter-tls
  SUMMARY "metrics of a Raspberry Pi for Prometheus"
  TEXT "Serves what the kernel tells of this machine, under the names that\nnode_exporter uses, and what a Pi's firmware adds: throttling,\nunder-voltage, the wear of its card. Takes node_exporter's flags.")
pifleet_package(pifleet-k8s-state-exporter KIND service
  PROGRAMS pifleet-k8s-state-exporter
  SUMMARY "state of a Kubernetes cluster for Prometheus"
  TEXT "Serves what a cluster consists of, under the names that\nkube-state-metrics uses, in a fraction of its memory. Takes its flags.\nThis package runs it outside of the cluster, by a kubeconfig.")
pifleet_package(pifleet-forwarder KIND service
  PROGRAMS pifleet-forwarder DEPENDS ca-certificates
  SUMMARY "relay of Prometheus metrics to hosted systems and databases"
  TEXT "Scrapes what a Prometheus configuration names and sends every sample\non, over remote_write or the protocol of the receiver. What cannot be\nsent yet waits on the disk, and is lost neither by a restart nor by a\npower cut.")
pifleet_package(pifleet-forwarder-postgres KIND module PARENT pifleet-forwarder
  LIBRARIES pifleet-forwarder-postgres
  SUMMARY "PostgreSQL and its relatives as receivers of pifleet-forwarder"
  TEXT "The part of pifleet-forwarder that writes to PostgreSQL, TimescaleDB,\nCockroachDB and CrateDB.")
pifleet_package(pifleet-forwarder-kafka KIND module PARENT pifleet-forwarder
  LIBRARIES pifleet-forwarder-kafka
  SUMMARY "Kafka as a receiver of pifleet-forwarder"
  TEXT "The part of pifleet-forwarder that produces to Kafka.")
