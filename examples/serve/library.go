package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

// library is the backbone and the adapters of a folder. Its current shelf answers requests; a reload makes another shelf.
type library struct {
	folder    string
	only      string // the adapter's name where the folder is an adapter itself
	adapted   *peft.Adapted
	tokenizer tokenizer.Tokenizer
	log       *slog.Logger

	reloading sync.Mutex
	current   atomic.Pointer[shelf]
}

// open loads the backbone and every adapter.
func open(ctx context.Context, s settings, log *slog.Logger) (*library, error) {
	l := &library{folder: s.adapters, log: log}
	names, err := l.find()
	if err != nil {
		return nil, err
	}
	headed, err := l.headed(names)
	if err != nil {
		return nil, err
	}
	backbone, err := models.LoadFor(s.backbone, headed, models.Backend(s.backend))
	if err != nil {
		return nil, err
	}
	l.adapted = peft.New(backbone)
	if err := l.fill(ctx, names); err != nil {
		l.close()
		return nil, err
	}
	log.Info("opened", "backbone", s.backbone, "engine", backbone.Engine().Name(), "adapters", strings.Join(names, " "))
	if hint := backbone.Engine().SpeedHint(); hint != "" {
		log.Info(hint)
	}
	return l, nil
}

// close frees the backbone.
func (l *library) close() { l.adapted.Backbone().Close() }

// find lists the adapters of the folder by name.
func (l *library) find() ([]string, error) {
	entries, err := os.ReadDir(l.folder)
	if err != nil {
		return nil, err
	}
	if holdsAdapter(l.folder) {
		full, err := filepath.Abs(l.folder) // "." has a name too
		l.only = filepath.Base(full)
		return []string{l.only}, err
	}
	var names []string
	for _, e := range entries {
		if holdsAdapter(filepath.Join(l.folder, e.Name())) {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no adapters in %s: neither it nor a folder in it has an %s", l.folder, peft.ConfigFile)
	}
	return names, nil
}

func holdsAdapter(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, peft.ConfigFile))
	return err == nil
}

// headed gives the folder of the first adapter with a classifier, for which the backbone is opened; else the first one's.
func (l *library) headed(names []string) (string, error) {
	for _, name := range names {
		cfg, err := peft.ReadConfig(l.dir(name))
		if err != nil {
			return "", fmt.Errorf("adapter %q: %w", name, err)
		}
		if cfg.Shared().TaskType == "SEQ_CLS" {
			return l.dir(name), nil
		}
	}
	return l.dir(names[0]), nil
}

// fill loads the adapters and the tokenizer, and runs a text to see that the backbone classifies texts at all.
func (l *library) fill(ctx context.Context, names []string) (err error) {
	if l.tokenizer, err = models.Tokenizer(l.adapted.Backbone()); err != nil {
		return err
	}
	for _, name := range names {
		ad, err := l.adapted.LoadAs(name, l.dir(name))
		if err != nil {
			return fmt.Errorf("adapter %q: %w", name, err)
		}
		l.warn(ad)
	}
	if err := l.publish(); err != nil {
		return err
	}
	_, err = l.current.Load().predict(ctx, names[:1], []string{"text"})
	return err
}

// warn logs what is probably not meant.
func (l *library) warn(ad *peft.Adapter) {
	for _, warning := range ad.Warnings() {
		l.log.Warn(warning, "adapter", ad.Name())
	}
}

// dir gives an adapter's folder.
func (l *library) dir(name string) string {
	if l.only != "" {
		return l.folder
	}
	return filepath.Join(l.folder, name)
}

// errNoFolder: there is no folder for an adapter of this name.
var errNoFolder = errors.New("no such adapter")

// checkFolder refuses names that stand for no folder directly in the library's.
func (l *library) checkFolder(name string) error {
	if name == filepath.Base(name) && filepath.IsLocal(name) && name != "." && (l.only == "" || name == l.only) {
		if info, err := os.Stat(l.dir(name)); err == nil && info.IsDir() {
			return nil
		}
	}
	return fmt.Errorf("%w: %s has no folder %q", errNoFolder, l.folder, name)
}

// reload opens an adapter's folder and puts it in the place of the adapter that has its name, if any. Batches that run
// finish with the old one. After an error everything is as it was.
func (l *library) reload(name string) error {
	if err := l.checkFolder(name); err != nil {
		return err
	}
	l.reloading.Lock()
	defer l.reloading.Unlock()
	put := l.adapted.Replace
	if _, err := l.adapted.Adapter(name); err != nil {
		put = l.adapted.LoadAs
	}
	ad, err := put(name, l.dir(name))
	if err != nil {
		return err
	}
	l.warn(ad)
	return l.publish()
}

// publish makes the adapters as they are now the ones that answer.
func (l *library) publish() error {
	s, err := newShelf(l.adapted.Snapshot(), l.tokenizer)
	if err == nil {
		l.current.Store(s)
	}
	return err
}
