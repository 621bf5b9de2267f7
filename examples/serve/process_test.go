package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
)

// launch starts the program on a free port.
func (s *scene) launch() (*running, *exec.Cmd, *bytes.Buffer) {
	s.Helper()
	c := serve.Command("-backbone", s.backbone, "-adapters", s.adapters, "-addr", "127.0.0.1:0")
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.StdoutPipe()
	require.NoError(s, err)
	require.NoError(s, c.Start())
	s.Cleanup(func() { _ = c.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(s, err, "%s", &errs)
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	require.True(s, ok, line)
	return &running{s.T, nil, url, http.DefaultClient}, c, &errs
}

// On SIGTERM a request that runs is answered, others are refused, and the program ends well.
func TestSIGTERM(t *testing.T) {
	s := newScene(t)
	want := s.alone("lora", texts...)
	r, c, errs := s.launch()
	require.True(t, equal(want, r.predictions("lora", texts...)))

	// A request whose body is not all there runs.
	address := strings.TrimPrefix(r.url, "http://")
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer conn.Close()
	body := fmt.Sprintf(`{"adapter": "lora", "texts": [%q]}`, texts[0])
	_, err = fmt.Fprintf(conn, "POST /v1/predict HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s", address, len(body), body[:9])
	require.NoError(t, err)
	require.Eventually(t, func() bool { return r.metric("gopeft_requests_in_flight") == "1" }, 5*time.Second, 5*time.Millisecond)

	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool {
		code, _ := r.ask(http.MethodGet, "/healthz", "")
		return code == http.StatusServiceUnavailable
	}, 5*time.Second, 5*time.Millisecond)
	for method, path := range map[string]string{"POST": "/v1/predict", "PUT": "/v1/adapters/lora"} {
		code, says := r.ask(method, path, body)
		require.Equal(t, http.StatusServiceUnavailable, code)
		require.Contains(t, says, "about to end")
	}

	_, err = io.WriteString(conn, body[9:])
	require.NoError(t, err)
	got, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, got.StatusCode, "%s", raw)
	require.True(t, equal(want[:1], read(t, string(raw))))
	require.NoError(t, c.Wait(), "%s", errs)
	require.Contains(t, errs.String(), "stopped")
}

// SIGINT ends a server that has nothing to do.
func TestSIGINT(t *testing.T) {
	r, c, errs := newScene(t).launch()
	code, raw := r.ask(http.MethodGet, "/healthz", "")
	require.Equal(t, http.StatusOK, code)
	require.JSONEq(t, `{"status": "ok"}`, raw)
	require.NoError(t, c.Process.Signal(os.Interrupt))
	require.NoError(t, c.Wait(), "%s", errs)
}

// A client that does not wait is counted, and its request runs no more.
func TestClientGone(t *testing.T) {
	r := newScene(t).start()
	let := make(chan struct{})
	run := r.server.batcher.predict
	r.server.batcher.stop()
	r.server.batcher = newBatcher(func(ctx context.Context, adapters, texts []string) ([]predict.Prediction, error) {
		<-let
		return run(ctx, adapters, texts)
	}, r.server.metrics.batch)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+"/v1/predict", strings.NewReader(`{"texts": ["a"]}`))
	require.NoError(t, err)
	_, err = r.client.Do(q)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Eventually(t, func() bool { return r.metric(`gopeft_requests_total{code="499",adapter=""}`) == "1" }, 5*time.Second, 5*time.Millisecond)
	close(let)
	require.NotEmpty(t, r.predictions("lora", "a"))
	require.Equal(t, "1", r.metric("gopeft_batch_rows_count"))
}

// What is wrong at the start is told in a line that names it.
func TestBadStart(t *testing.T) {
	s := newScene(t)
	missing, empty := filepath.Join(t.TempDir(), "nowhere"), t.TempDir()
	other := func(name string, cfg peft.Config) string { // a folder with one adapter that does not fit
		o := *s
		o.adapters = filepath.Join(t.TempDir(), "adapters")
		require.NoError(t, os.CopyFS(o.adapters, os.DirFS(s.adapters)))
		o.put(name, name, cfg)
		return o.adapters
	}
	five := other("five", headed(2, "red", "green", "blue"))
	config := filepath.Join(five, "five", "adapter_config.json")
	raw, err := os.ReadFile(config)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(config, bytes.ReplaceAll(raw, []byte(`"r": 2`), []byte(`"r": 5`)), 0o644))
	elsewhere := other("elsewhere", &lora.Config{R: 2, Targets: peft.Match("query")})
	config = filepath.Join(elsewhere, "elsewhere", "adapter_config.json")
	raw, err = os.ReadFile(config)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(config, bytes.ReplaceAll(raw, []byte(`"query"`), []byte(`"q_proj"`)), 0o644))
	words := filepath.Join(t.TempDir(), "words")
	require.NoError(t, os.CopyFS(words, os.DirFS(s.backbone)))
	config = filepath.Join(words, "config.json")
	raw, err = os.ReadFile(config)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(config, bytes.ReplaceAll(raw, []byte("ForSequenceClassification"), []byte("ForTokenClassification")), 0o644))
	textless := filepath.Join(t.TempDir(), "textless")
	require.NoError(t, os.CopyFS(textless, os.DirFS(s.backbone)))
	require.NoError(t, os.Remove(filepath.Join(textless, "tokenizer.json")))
	onlyLora := filepath.Join(t.TempDir(), "one")
	require.NoError(t, os.CopyFS(filepath.Join(onlyLora, "lora"), os.DirFS(filepath.Join(s.adapters, "lora"))))
	golden.OnGo(t)
	for name, c := range map[string]struct {
		args []string // beside -backbone and -adapters, which they may override
		says []string
	}{
		"no backbone":            {[]string{"-backbone", missing}, []string{missing}},
		"no folder":              {[]string{"-adapters", missing}, []string{missing}},
		"no adapters":            {[]string{"-adapters", empty}, []string{"no adapters in " + empty, "adapter_config.json"}},
		"another shape":          {[]string{"-adapters", five}, []string{`adapter "five"`, "[2 16]", "[5 16]"}},
		"another backbone's":     {[]string{"-adapters", elsewhere}, []string{`adapter "elsewhere"`, `"q_proj"`}},
		"another head":           {[]string{"-backbone", words, "-adapters", onlyLora}, []string{"token-classification", "sequence-classification"}},
		"no tokenizer":           {[]string{"-backbone", textless}, []string{"tokenizer.json"}},
		"an address in use":      {[]string{"-addr", taken(t)}, []string{"in use"}},
		"an unknown engine":      {[]string{"-backend", "tpu:warm"}, []string{"tpu"}},
		"an unknown flag":        {[]string{"-fast"}, []string{"-fast", "usage: serve"}},
		"too much":               {[]string{"more"}, []string{`"more"`}},
		"nothing to be answered": {[]string{"-adapters", ""}, []string{"-backbone and -adapters are needed"}},
	} {
		t.Run(name, func(t *testing.T) {
			command := serve.Command(append([]string{"-backbone", s.backbone, "-adapters", s.adapters, "-addr", "127.0.0.1:0"}, c.args...)...)
			var errs bytes.Buffer
			command.Stderr = &errs
			var exit *exec.ExitError
			require.ErrorAs(t, command.Run(), &exit)
			require.Equal(t, 1, exit.ExitCode())
			lines := strings.Split(strings.TrimSpace(errs.String()), "\n") // the last one; others are the log's
			last := lines[len(lines)-1]
			require.True(t, strings.HasPrefix(last, "serve: "), last)
			for _, part := range c.says {
				require.Contains(t, last, part)
			}
		})
	}
}

// taken is an address that is in use.
func taken(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}
