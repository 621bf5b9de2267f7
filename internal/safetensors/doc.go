// Package safetensors reads and writes tensors in the safetensors format, from
// one file or from a sharded checkpoint, and gives them as GoMLX tensors.
//
//	f, err := safetensors.Open("model.safetensors")
//	if err != nil { ... }
//	defer f.Close()
//	for _, name := range f.Names() {
//		t, err := f.Tensor(name)
//		...
//	}
//
//	err = safetensors.Write("adapter_model.safetensors", values, nil)
//
// # Format
//
// A file is an 8-byte little-endian length, a JSON header of that length and
// the data: https://github.com/huggingface/safetensors. The header maps a name
// to {"dtype", "shape", "data_offsets": [begin, end]}, the offsets counted from
// the end of the header, and "__metadata__" to a map of strings. Supported are
// F64 F32 F16 BF16 U64 U32 U16 U8 I64 I32 I16 I8 BOOL.
//
// A file is accepted by the rules of the reference reader (the Rust crate,
// version 0.8): a header of at most 100 MB, the tensors in the order of their
// offsets lie side by side without hole or overlap from the first data byte to
// the last, and each has the size that its shape and dtype say. Beyond those
// rules a name that occurs twice, a shape of more than 64 axes and a BOOL other
// than 0 or 1 are errors here. Nothing is allocated on the word of a header
// before that word has been checked against the size of the file.
//
// Written files equal the reference writer's byte for byte where its order is
// defined: tensors by descending dtype, then by name. It writes the metadata's
// keys in random order; here they are sorted.
//
// # Caveats
//
// Opened files are memory-mapped: a file must not be truncated while it is
// open, which on most systems kills the process. [Write] replaces files by a
// rename and so does not disturb their readers. Hosts are taken to be
// little-endian, as all are that GoMLX's backends run on.
package safetensors
