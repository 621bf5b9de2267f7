// Bigllama checks what memory a large model takes: it writes a Llama of 1.1 billion random bfloat16 weights in shards to a
// temporary folder, loads it in a process of its own, and fails where that process ever held more than the limit times the
// size of the files. Then it writes text with the model and tells what that took.
//
//	go run ./internal/cmd/bigllama [-backend xla:cpu] [-layers 22] [-limit 1.2] [-prompt 32] [-new 8]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/gopeft/gopeft/internal/rss"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/peft"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bigllama:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	f := flag.NewFlagSet("bigllama", flag.ContinueOnError)
	backend := f.String("backend", "", "engine (default GOMLX_BACKEND, else go)")
	layers := f.Int("layers", 22, "blocks; 22 make 1.1 billion parameters")
	limit := f.Float64("limit", 1.2, "the most memory while loading, in sizes of the files; 0 is any")
	prompt := f.Int("prompt", 32, "tokens of the prompt")
	fresh := f.Int("new", 8, "tokens written behind it, 0 for none")
	dir := f.String("load", "", "only load this folder, as the program's own second process does")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *dir != "" {
		return load(*dir, *backend, *limit, *prompt, *fresh)
	}
	temp, err := os.MkdirTemp("", "bigllama")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := write(temp, *layers); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	// What the writing took must not count.
	second := exec.Command(self, "-load", temp, "-backend", *backend, "-limit", fmt.Sprint(*limit),
		"-prompt", strconv.Itoa(*prompt), "-new", strconv.Itoa(*fresh))
	second.Stdout, second.Stderr = os.Stdout, os.Stderr
	return second.Run()
}

// load opens the model, holds its memory to the limit, and lets it write.
func load(dir, backend string, limit float64, prompt, fresh int) error {
	size, err := sizeOf(dir)
	if err != nil {
		return err
	}
	start := time.Now()
	b, err := models.Load(dir, models.Backend(backend), models.DType("auto"))
	if err != nil {
		return err
	}
	peak := rss.Peak() * (1 << 20)
	fmt.Printf("%s: %d parameters in %.0f MiB of files; loaded in %.1f s, at most %.0f MiB held, %.2f of the files\n",
		b.Engine().Name(), b.NumParams(), size/(1<<20), time.Since(start).Seconds(), peak/(1<<20), peak/size)
	if limit > 0 && peak > limit*size {
		return fmt.Errorf("loading took %.2f times the files, more than %v", peak/size, limit)
	}
	if fresh == 0 {
		return nil
	}
	ids := make([]int32, prompt)
	for i := range ids {
		ids[i] = int32(i + 1)
	}
	g, err := generate.New(peft.New(b), generate.Options{MaxNewTokens: fresh, EOS: []int32{}})
	if err != nil {
		return err
	}
	start = time.Now()
	out, err := g.Generate(context.Background(), peft.Base(), generate.Batch{IDs: [][]int32{ids}})
	if err != nil {
		return err
	}
	peak = rss.Peak() * (1 << 20)
	fmt.Printf("%d tokens behind %d in %.1f s, at most %.0f MiB held, %.2f of the files\n",
		len(out.New()[0]), prompt, time.Since(start).Seconds(), peak/(1<<20), peak/size)
	return nil
}
