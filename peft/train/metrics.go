package train

import (
	"encoding/json"
	"errors"
	"io"
	"os"
)

// metrics is metrics.jsonl, a JSON object on each line. A nil one is closed.
type metrics struct {
	file *os.File
	enc  *json.Encoder
}

// openMetrics opens the file to go on after so many bytes. What follows them, perhaps half a line, is cut off.
func openMetrics(path string, at int64) (*metrics, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil && size < at {
		err = damagedf(path, "it has %d bytes, and had %d when the checkpoint was written: it was changed since", size, at)
	}
	if err == nil {
		err = file.Truncate(at)
	}
	if err == nil {
		_, err = file.Seek(at, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &metrics{file, json.NewEncoder(file)}, nil
}

func (m *metrics) write(line any) error { return m.enc.Encode(line) }

// position makes the lines durable and gives the size of the file.
func (m *metrics) position() (int64, error) {
	if err := m.file.Sync(); err != nil {
		return 0, err
	}
	return m.file.Seek(0, io.SeekCurrent)
}

func (m *metrics) close() error {
	if m == nil {
		return nil
	}
	return m.file.Close()
}
