package house

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write docs/api.txt anew")

// docs/api.txt lists what every public package exports, so that a change of it is seen where it is reviewed.
func TestPublicAPI(t *testing.T) {
	touchSources(t)
	var b strings.Builder
	b.WriteString("The public API, package by package. Made by: go test ./internal/house -run PublicAPI -update\n")
	for _, dir := range publicPackages(t) {
		fmt.Fprintf(&b, "\npackage %s\n", dir)
		for _, line := range exported(t, filepath.Join(root, dir)) {
			b.WriteString("  " + line + "\n")
		}
	}
	path := filepath.Join(root, "docs", "api.txt")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
		return
	}
	have, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(have), b.String(), "the public API changed: if that is meant, go test ./internal/house -run PublicAPI -update")
}

// publicPackages lists the folders of packages that others can import.
func publicPackages(t *testing.T) []string {
	var out []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if name := d.Name(); rel != "." && (name == "internal" || name == "testdata" || name == "examples" || strings.HasPrefix(name, ".")) {
			return fs.SkipDir
		}
		if sources(t, path) != nil {
			out = append(out, filepath.ToSlash(rel))
		}
		return nil
	})
	require.NoError(t, err)
	return out
}

// sources lists a folder's Go files but for tests.
func sources(t *testing.T, dir string) []string {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	return slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
}

// exported gives a line for every exported declaration of a package, in go doc's order.
func exported(t *testing.T, dir string) []string {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, path := range sources(t, dir) {
		f, err := parser.ParseFile(fset, path, nil, 0)
		require.NoError(t, err)
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(fset, files, dir)
	require.NoError(t, err)
	var out []string
	add := func(node any) {
		var b bytes.Buffer
		require.NoError(t, printer.Fprint(&b, fset, node))
		for line := range strings.Lines(b.String()) {
			if line = strings.TrimRight(line, "\n\t "); line != "" {
				out = append(out, strings.ReplaceAll(line, "\t", " "))
			}
		}
	}
	functions := func(list []*doc.Func) {
		for _, f := range list {
			f.Decl.Body = nil
			add(f.Decl)
		}
	}
	values := func(list []*doc.Value) {
		for _, v := range list {
			for _, name := range v.Names {
				if ast.IsExported(name) {
					out = append(out, fmt.Sprintf("%s %s", v.Decl.Tok, name))
				}
			}
		}
	}
	values(p.Consts)
	values(p.Vars)
	functions(p.Funcs)
	for _, typ := range p.Types {
		add(typ.Decl)
		values(typ.Consts)
		values(typ.Vars)
		functions(typ.Funcs)
		functions(typ.Methods)
	}
	return out
}
