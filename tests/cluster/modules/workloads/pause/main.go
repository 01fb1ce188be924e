// Pause is the process of the sandbox container that holds a Pod's namespaces: it waits until it's told to end.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// As the first process of a shared PID namespace it also has to collect the children that others left behind.
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGINT, syscall.SIGTERM)
	for {
		select {
		case <-end:
			return
		case <-children:
			for {
				pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
				if err != nil || pid <= 0 {
					break
				}
			}
		}
	}
}
