# The commands for people: each calls the script that does it. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help bench bench-admission bench-scale demo demo-down test lint unit deny advisories generated chart cluster-test soak image

# local: real Kubernetes without a container engine. kind: for those who have Docker and kind.
CLUSTER ?= local
# How long make soak takes.
SOAK_MINUTES ?= 60

help: ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

demo: ## Show Berth on a cluster of its own: warnings, statuses, a report (CLUSTER=kind: on kind)
	@CLUSTER=$(CLUSTER) tests/demo up

demo-down: ## Remove every trace of the demo
	@CLUSTER=$(CLUSTER) tests/demo down

test: ## Run every test; ends with 'N passed, N failed'
	@tests/run

lint: ## Formatting, clippy and shellcheck
	@tests/run format scripts clippy

unit: ## Unit tests, property tests and the command line, without a cluster
	@tests/run unit offline

deny: ## Licences, bans and sources of dependencies
	@tests/run deny

advisories: ## Known vulnerabilities of dependencies; fetches the list from the network
	@"$$(tests/tools cargo-deny)" --locked --all-features check --hide-inclusion-graph advisories

generated: ## Check that generated files are current
	@tests/run generated

chart: ## Check the chart with Helm 4 and Helm 3
	@tests/run chart-helm4 chart-helm3

cluster-test: ## Berth on a real cluster: chart, admission, statuses, uninstall
	@tests/run image cluster

soak: ## An hour under load while one thing after the other breaks; ends with a table (SOAK_MINUTES shortens it)
	@tests/tools cargo go umoci readelf
	@BERTH_TEST_CLUSTER=soak SOAK_MINUTES=$(SOAK_MINUTES) cargo test --locked --features cluster-tests --test soak

image: ## Build the container image as an OCI archive under dist/
	@packaging/image

bench: ## Benchmarks: one decision, and a scan of ten thousand manifests
	@cargo bench --locked --no-default-features --bench decision --bench scan

bench-admission: ## The webhook beside one that does nothing: latency, throughput, CPU, memory; some five minutes
	@cargo bench --locked --bench admission

bench-scale: ## The operator beside a real API server with 1,000, 3,000 and 10,000 workloads; some twenty minutes
	@cargo bench --locked --bench scale
