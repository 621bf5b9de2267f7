package models_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
)

// hub lays a checkpoint out as huggingface_hub does: files by their hash, snapshots of links to them, and a branch.
func hub(t *testing.T, name, commit, branch, checkpoint string) string {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, name)
	for _, sub := range []string{"blobs", "refs", filepath.Join("snapshots", commit)} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, sub), 0o755))
	}
	for i, file := range []string{"config.json", "model.safetensors", "tokenizer.json"} {
		raw, err := os.ReadFile(filepath.Join(checkpoint, file))
		require.NoError(t, err)
		blob := string(rune('a' + i))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "blobs", blob), raw, 0o644))
		require.NoError(t, os.Symlink(filepath.Join("..", "..", "blobs", blob), filepath.Join(dir, "snapshots", commit, file)))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "refs", branch), []byte(commit), 0o644))
	return root
}

func TestHubCache(t *testing.T) {
	on, checkpoint := engine(t), t.TempDir()
	b, err := models.Random(tiny("BertForSequenceClassification", ""), on)
	require.NoError(t, err)
	require.NoError(t, b.Save(checkpoint))
	raw, err := os.ReadFile("tokenizer/testdata/wordpiece/tokenizer.json")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(checkpoint, "tokenizer.json"), raw, 0o644))
	const commit = "0123456789abcdef0123456789abcdef01234567"
	root := hub(t, "models--org--name.v1", commit, "main", checkpoint)
	for _, variable := range []string{"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"} {
		t.Setenv(variable, "")
	}
	t.Setenv("HF_HUB_CACHE", root)

	opened, err := models.Load("org/name.v1", on)
	require.NoError(t, err)
	require.Equal(t, forward(t, b, "logits"), forward(t, opened, "logits"))
	require.Equal(t, filepath.Join(root, "models--org--name.v1", "snapshots", commit), opened.Origin().Dir)
	_, err = models.Tokenizer(opened)
	require.NoError(t, err)
	_, err = models.LoadForClasses("org/name.v1", []string{"a", "b"}, on, models.Revision(commit))
	require.NoError(t, err)
	_, err = models.LoadFor("org/name.v1", "", on, models.Revision("main"))
	require.NoError(t, err)

	for _, c := range []struct {
		name, revision string
		looked         []string
	}{
		{"org/other", "", []string{"config.json", filepath.Join("models--org--other", "refs", "main")}},
		{"org/name.v1", "v2", []string{filepath.Join("refs", "v2"), filepath.Join("snapshots", "v2")}},
		{"org/name.v1", "../main", []string{"../main"}},
		{checkpoint, "v2", []string{"v2", checkpoint}},
	} {
		_, err := models.Load(c.name, on, models.Revision(c.revision))
		require.ErrorIs(t, err, models.ErrFolder, c.name)
		for _, path := range c.looked {
			require.ErrorContains(t, err, path)
		}
	}
	_, err = models.Load("org/other", on)
	require.ErrorIs(t, err, fs.ErrNotExist)

	t.Setenv("HF_HUB_CACHE", "")
	home := t.TempDir()
	require.NoError(t, os.Rename(root, filepath.Join(home, "hub")))
	t.Setenv("HF_HOME", home)
	_, err = models.Inspect("org/name.v1")
	require.NoError(t, err)

	t.Chdir(t.TempDir()) // a path that is there comes first
	require.NoError(t, os.MkdirAll(filepath.Join("org", "name.v1"), 0o755))
	_, err = models.Load("org/name.v1", on)
	require.ErrorIs(t, err, models.ErrFolder)
	require.ErrorContains(t, err, filepath.Join("org", "name.v1", "config.json"))
}
