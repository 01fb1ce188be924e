// Kind-config-check decodes a kind configuration strictly with kind's own v1alpha4 types and says what is wrong with it.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: kind-config-check FILE")
		os.Exit(2)
	}
	path := os.Args[1]
	raw, err := os.ReadFile(path)
	if err == nil {
		err = check(raw)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s is no valid kind configuration:\n%v\n", path, err)
		os.Exit(1)
	}
	fmt.Printf("%s: valid (kind.x-k8s.io/v1alpha4)\n", path)
}

// check decodes as kind does (unknown fields are errors), applies kind's defaults and validates the result.
func check(raw []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	var config v1alpha4.Cluster
	if err := decoder.Decode(&config); err != nil {
		if errors.Is(err, io.EOF) {
			return errors.New("it is empty")
		}
		return err
	}
	// kind reads the first document alone: a second one would be lost without a word.
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return errors.New("it has more than one YAML document")
	}
	if config.APIVersion != "kind.x-k8s.io/v1alpha4" || config.Kind != "Cluster" {
		return fmt.Errorf("apiVersion and kind are %q and %q, not kind.x-k8s.io/v1alpha4 and Cluster", config.APIVersion, config.Kind)
	}
	v1alpha4.SetDefaultsCluster(&config)
	// kind gives this default itself, not with the others.
	if config.Name == "" {
		config.Name = "kind"
	}
	return validate(&config)
}
