package train

import "github.com/gopeft/gopeft/internal/atomicfile"

// WriteOn lets tests decide how writing fares.
func (t *Trainer) WriteOn(fsys atomicfile.FS) { t.fsys = fsys }
