// Serve answers classification requests over HTTP with one backbone and any number of adapters on it. Requests for different
// adapters share batches, and an adapter that was trained anew takes the place of the old one while requests run.
//
//	serve -backbone DIR -adapters FOLDER [-addr 127.0.0.1:8080] [-backend NAME]
//
// Each subfolder of FOLDER with an adapter_config.json is an adapter, named like the subfolder; a FOLDER that has one itself
// is the only adapter. The address is printed once requests are taken; ":0" chooses a free port.
//
//	curl localhost:8080/v1/predict -d '{"adapter": "intents", "texts": ["where is my parcel?"]}'
//	{"predictions": [{"label": "delivery", "scores": {"billing": 0.04, "delivery": 0.96}}]}
//
//	curl localhost:8080/v1/adapters                        # names, classes and methods
//	curl -X PUT localhost:8080/v1/adapters/intents         # open FOLDER/intents again, or for the first time
//	curl localhost:8080/healthz                            # 503 once the server is about to end
//	curl localhost:8080/metrics                            # for Prometheus
//
// Without "adapter" the backbone's own head answers. What is wrong with a request is told as {"error": "…"}. SIGTERM and
// SIGINT let the requests that run finish, refuse new ones, and end the server.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	_ "github.com/gopeft/gopeft/peft/all"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := run(ctx, os.Args[1:], os.Stdout, log); err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		fmt.Fprintln(os.Stderr, "serve:", line)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct{ backbone, adapters, addr, backend string }

const usage = "usage: serve -backbone DIR -adapters FOLDER [-addr 127.0.0.1:8080] [-backend NAME]"

func parse(args []string) (settings, error) {
	var s settings
	f := flag.NewFlagSet("serve", flag.ContinueOnError)
	f.SetOutput(io.Discard) // an error is one line, which main prints
	f.StringVar(&s.backbone, "backbone", "", "a transformers checkpoint `folder`")
	f.StringVar(&s.adapters, "adapters", "", "the `folder` of the adapters' folders")
	f.StringVar(&s.addr, "addr", "127.0.0.1:8080", "the `address` to listen on")
	f.StringVar(&s.backend, "backend", "", "engine: go, xla:cpu, xla:cuda or a plugin's path (default GOMLX_BACKEND, else go)")
	switch err := f.Parse(args); {
	case err != nil:
		return s, fmt.Errorf("%w; %s", err, usage)
	case f.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q", f.Arg(0))
	case s.backbone == "" || s.adapters == "":
		return s, fmt.Errorf("-backbone and -adapters are needed; %s", usage)
	}
	return s, nil
}

// run is the program. It ends when the context does, or the server fails.
func run(ctx context.Context, args []string, out io.Writer, log *slog.Logger) error {
	s, err := parse(args)
	if err != nil {
		return err
	}
	lib, err := open(ctx, s, log)
	if err != nil {
		return err
	}
	defer lib.close()
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return err
	}
	server := newServer(lib, log)
	if _, err := fmt.Fprintf(out, "listening on http://%s\n", listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	return server.serve(ctx, listener)
}
