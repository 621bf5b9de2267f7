// Package atomicfile writes files so that a reader sees the old one or the
// new one and never a part of either.
//
// A file is filled under a temporary name in its own folder, synced, renamed
// onto its real name, and then the folder is synced. Until the rename nothing
// that a reader could open has changed; on any error before it the temporary
// file is removed.
//
//	err := atomicfile.Write("config.json", 0o644, func(w io.Writer) error {
//		_, err := w.Write(data)
//		return err
//	})
//
// # Caveats
//
// A rename replaces a symbolic link, not the file that it points to. Where
// folders can't be synced (Windows), the last step is left out.
package atomicfile
