// What answers an ACME challenge: cert-manager's solver, whose own program is no Go module that can be fetched.
package main

import (
	"flag"
	"log"

	"github.com/cert-manager/cert-manager/pkg/issuer/acme/http/solver"
	"github.com/go-logr/stdr"
)

func main() {
	answer := solver.HTTP01Solver{}
	flag.IntVar(&answer.ListenPort, "listen-port", 8089, "port")
	flag.StringVar(&answer.Domain, "domain", "", "host of the challenge")
	flag.StringVar(&answer.Token, "token", "", "its token")
	flag.StringVar(&answer.Key, "key", "", "what to answer")
	flag.Parse()
	log.Fatal(answer.Listen(stdr.New(log.Default())))
}
