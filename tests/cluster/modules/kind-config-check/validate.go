// What kind itself requires of a configuration beyond its types: kind's own validation is internal to it, so its rules are kept here.
package main

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
)

var clusterName = regexp.MustCompile(`^[a-z0-9.-]+$`)

func validate(config *v1alpha4.Cluster) error {
	var problems []error
	problem := func(format string, arguments ...any) {
		problems = append(problems, fmt.Errorf(format, arguments...))
	}

	if !clusterName.MatchString(config.Name) {
		problem("name %q must match %s", config.Name, clusterName)
	}
	network := config.Networking
	if !validPort(network.APIServerPort) {
		problem("networking.apiServerPort %d is no port", network.APIServerPort)
	}
	switch network.IPFamily {
	case v1alpha4.IPv4Family, v1alpha4.IPv6Family, v1alpha4.DualStackFamily:
	default:
		problem("networking.ipFamily %q is not ipv4, ipv6 or dual", network.IPFamily)
	}
	switch network.KubeProxyMode {
	case v1alpha4.IPTablesProxyMode, v1alpha4.IPVSProxyMode, v1alpha4.NFTablesProxyMode, "none":
	default:
		problem("networking.kubeProxyMode %q is not iptables, ipvs, nftables or none", network.KubeProxyMode)
	}
	for field, subnets := range map[string]string{"podSubnet": network.PodSubnet, "serviceSubnet": network.ServiceSubnet} {
		if err := validSubnets(subnets, network.IPFamily); err != nil {
			problem("networking.%s: %w", field, err)
		}
	}

	controlPlanes := 0
	// Two nodes may not take the same port of the host either, so ports are counted over all of them.
	taken := map[string]bool{}
	for i, node := range config.Nodes {
		switch node.Role {
		case v1alpha4.ControlPlaneRole:
			controlPlanes++
		case v1alpha4.WorkerRole:
		default:
			problem("nodes[%d].role %q is not control-plane or worker", i, node.Role)
		}
		if node.Image == "" {
			problem("nodes[%d].image is empty", i)
		}
		for j, mount := range node.ExtraMounts {
			if mount.HostPath == "" || mount.ContainerPath == "" {
				problem("nodes[%d].extraMounts[%d] needs both hostPath and containerPath", i, j)
			}
		}
		for j, mapping := range node.ExtraPortMappings {
			if !validPort(mapping.HostPort) || !validPort(mapping.ContainerPort) || mapping.ContainerPort < 1 {
				problem("nodes[%d].extraPortMappings[%d]: hostPort %d or containerPort %d is no port", i, j, mapping.HostPort, mapping.ContainerPort)
				continue
			}
			if mapping.ListenAddress != "" {
				if _, err := netip.ParseAddr(mapping.ListenAddress); err != nil {
					problem("nodes[%d].extraPortMappings[%d].listenAddress: %w", i, j, err)
				}
			}
			// 0 and -1 let kind choose a free port.
			if mapping.HostPort < 1 {
				continue
			}
			for _, listener := range listeners(mapping) {
				if taken[listener] {
					problem("nodes[%d].extraPortMappings[%d]: hostPort %d is taken by another mapping", i, j, mapping.HostPort)
				}
			}
			taken[fmt.Sprintf("%s %d/%s", address(mapping), mapping.HostPort, mapping.Protocol)] = true
			taken[fmt.Sprintf("any %d/%s", mapping.HostPort, mapping.Protocol)] = true
		}
	}
	if controlPlanes == 0 {
		problem("nodes has no control-plane node")
	}
	return errors.Join(problems...)
}

func validPort(port int32) bool {
	return port >= -1 && port <= 65535
}

func address(mapping v1alpha4.PortMapping) string {
	if mapping.ListenAddress == "" || mapping.ListenAddress == "::" {
		return "0.0.0.0"
	}
	return mapping.ListenAddress
}

// listeners names what a mapping would collide with: itself, and the wildcard address (for the wildcard: anything on that port).
func listeners(mapping v1alpha4.PortMapping) []string {
	port := fmt.Sprintf("%d/%s", mapping.HostPort, mapping.Protocol)
	if address(mapping) == "0.0.0.0" {
		return []string{"any " + port}
	}
	return []string{address(mapping) + " " + port, "0.0.0.0 " + port}
}

func validSubnets(subnets string, family v1alpha4.ClusterIPFamily) error {
	var v4, v6 int
	for _, subnet := range strings.Split(subnets, ",") {
		prefix, err := netip.ParsePrefix(subnet)
		if err != nil {
			return err
		}
		if prefix.Addr().Is4() {
			v4++
		} else {
			v6++
		}
	}
	switch {
	case family == v1alpha4.DualStackFamily && v4 <= 1 && v6 <= 1:
	case family == v1alpha4.IPv4Family && v4 == 1 && v6 == 0:
	case family == v1alpha4.IPv6Family && v4 == 0 && v6 == 1:
	default:
		return fmt.Errorf("%q doesn't fit ipFamily %s", subnets, family)
	}
	return nil
}
