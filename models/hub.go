package models

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// hubName is a model's name on the Hugging Face hub: "org/name", or "name" alone for the oldest.
var hubName = regexp.MustCompile(`^[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?$`)

// hubCommit is a revision's name, as a branch, a tag or a commit.
var hubCommit = regexp.MustCompile(`^[\w][\w./-]*$`)

// find gives the folder of a checkpoint: the one at a path, or else what huggingface_hub keeps of a model by that name.
// Errors match ErrFolder and list what was looked for.
func (o *options) find(name string) (string, error) {
	if name == "" {
		return "", fmt.Errorf("%w: the name of the folder is empty", ErrFolder)
	}
	if strings.Contains(name, "://") {
		return "", fmt.Errorf("%w: %s is an address, and nothing is downloaded: give a folder, or the name of a model in the hub's cache", ErrFolder, name)
	}
	_, err := os.Stat(name)
	switch {
	case err == nil && o.revision != "":
		return "", fmt.Errorf("%w: %s is a folder, which has no revision %q", ErrFolder, name, o.revision)
	case err == nil || !hubName.MatchString(filepath.ToSlash(name)):
		return name, nil
	}
	root, err := hubCache()
	if err != nil {
		return "", fmt.Errorf("%w: %s: %w", ErrFolder, name, err)
	}
	dir := filepath.Join(root, "models--"+strings.ReplaceAll(filepath.ToSlash(name), "/", "--"))
	snapshot, err := o.snapshot(dir)
	if err != nil {
		return "", fmt.Errorf("%w: %s is no folder (looked for %s), nor a model in the hub's cache (%w); nothing is downloaded",
			ErrFolder, name, filepath.Join(name, "config.json"), err)
	}
	return snapshot, nil
}

// snapshot gives the folder of a revision, "main" where none is asked for: a branch's or tag's name stands for the commit
// in its file under refs.
func (o *options) snapshot(dir string) (string, error) {
	revision := o.revision
	if revision == "" {
		revision = "main"
	}
	if !hubCommit.MatchString(revision) || !filepath.IsLocal(filepath.FromSlash(revision)) {
		return "", fmt.Errorf("revision %q is no name", revision)
	}
	commit := revision
	ref := filepath.Join(dir, "refs", filepath.FromSlash(revision))
	if raw, err := os.ReadFile(ref); err == nil {
		commit = strings.TrimSpace(string(raw))
	}
	snapshot := filepath.Join(dir, "snapshots", commit)
	if info, err := os.Stat(snapshot); err != nil || !info.IsDir() {
		return "", fmt.Errorf("looked for %s and %s: %w", ref, snapshot, fs.ErrNotExist)
	}
	return snapshot, nil
}

// hubCache is where huggingface_hub keeps models.
func hubCache() (string, error) {
	for _, place := range []struct {
		variable string
		under    []string
	}{
		{"HF_HUB_CACHE", nil}, {"HUGGINGFACE_HUB_CACHE", nil}, {"HF_HOME", []string{"hub"}}, {"XDG_CACHE_HOME", []string{"huggingface", "hub"}},
	} {
		if root := os.Getenv(place.variable); root != "" {
			return filepath.Join(append([]string{root}, place.under...)...), nil
		}
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".cache", "huggingface", "hub"), err
}
