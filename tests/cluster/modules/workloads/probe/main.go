// Probe is the cluster check's workload: `probe serve ADDRESS` answers HTTP with its host name, `probe get URL` succeeds if URL answers 200.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

func main() {
	if len(os.Args) != 3 {
		fail("usage: probe serve ADDRESS | probe get URL")
	}
	switch os.Args[1] {
	case "serve":
		serve(os.Args[2])
	case "get":
		get(os.Args[2])
	default:
		fail("usage: probe serve ADDRESS | probe get URL")
	}
}

func serve(address string) {
	name, err := os.Hostname()
	if err != nil {
		fail("no host name: %v", err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, name) })
	fail("%v", http.ListenAndServe(address, nil))
}

func get(url string) {
	client := http.Client{Timeout: 2 * time.Second}
	answer, err := client.Get(url)
	if err != nil {
		fail("%v", err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(os.Stdout, answer.Body); err != nil {
		fail("%v", err)
	}
	if answer.StatusCode != http.StatusOK {
		fail("%s answered %s", url, answer.Status)
	}
}

func fail(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
	os.Exit(1)
}
