package sample

import (
	"embed"
	"io"
	"io/fs"

	"github.com/gopeft/gopeft/internal/atomicfile"
)

// Names of the data files: lines of {"text": …, "label": …}.
const (
	TrainFile = "train.jsonl"
	EvalFile  = "eval.jsonl"
)

//go:embed files
var embedded embed.FS

// Files gives the files of a transformers folder and of the data set, side by side.
func Files() fs.FS {
	files, err := fs.Sub(embedded, "files")
	if err != nil {
		panic(err) // "files" is a valid path
	}
	return files
}

// Export writes the files into a folder, which is made where it is missing. Each file is replaced as a whole, the
// config, which makes the folder a checkpoint, last. Errors are those of writing files.
func Export(dir string) error {
	files := Files()
	names, err := fs.Glob(files, "*")
	if err != nil {
		return err
	}
	const last = "config.json"
	var entries, end []atomicfile.Entry
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		e := atomicfile.Entry{Name: name, Fill: func(w io.Writer) error { _, err := w.Write(raw); return err }}
		if name == last {
			end = append(end, e)
		} else {
			entries = append(entries, e)
		}
	}
	return atomicfile.WriteDir(dir, append(entries, end...)...)
}
