module berth.dev/tests/cluster/workloads

go 1.26.0
