package models_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
)

// The README's table names the families that are registered.
func TestREADMENamesTheFamilies(t *testing.T) {
	raw, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(raw), "## What there is")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n## ")
	for _, name := range models.Families() {
		require.Contains(t, table, "`"+name+"`")
	}
}
