# The commands for people: each calls the script that does it. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help bench demo demo-down test lint unit deny advisories generated chart cluster-test image

# local: real Kubernetes without a container engine. kind: for those who have Docker and kind.
CLUSTER ?= local

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

image: ## Build the container image as an OCI archive under dist/
	@packaging/image

bench: ## Benchmarks: one decision, and a scan of ten thousand manifests
	@cargo bench --locked --no-default-features --bench decision --bench scan
