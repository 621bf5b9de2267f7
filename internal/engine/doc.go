// Package engine opens the machine that computes: a GoMLX backend, chosen by name.
//
//	e, err := engine.Open("")           // GOMLX_BACKEND, else pure Go
//	if err != nil {
//		return err                      // an unknown name, a plugin that is not installed
//	}
//	defer e.Close()
//	y, err := graph.CallOnce(e.Backend(), graph.Square, float32(3))
//
// # Names
//
//	go                  pure Go, always there
//	go:OPTIONS          the same with options of GoMLX's Go backend, comma-separated
//	xla:cpu, xla:cuda   XLA, through a PJRT plugin found in the folders named below
//	xla:/path/x.so      XLA, through that plugin; the bare path alone means the same
//
// The options of go-xla's backend may follow an XLA name: "xla:cuda,preallocate=true".
//
// Matrix products are full float32 unless "tf32=true" is among the options: go-xla's own default on
// a GPU is TF32, with three digits.
//
// XLA is part of every cgo build for Linux and macOS; the plugin itself is loaded only when it
// is asked for. Without cgo the XLA names fail with [ErrNoXLA] and everything else works.
//
// A plugin's file is called pjrt_c_api_NAME_plugin.so. It is looked for in the folders of
// PJRT_PLUGIN_LIBRARY_PATH where that is set; else in those that go-xla's installer writes to
// (~/.local/lib/go-xla, /usr/local/lib/go-xla) and in the absolute entries of LD_LIBRARY_PATH.
// A missing one is a [*PluginError] that says where Open looked and how to install it.
//
// # How the pure-Go engine is set up
//
// GoMLX's Go backend runs independent operations at the same time, in the same bounded pool of
// workers from which a large operation takes helpers. When every slot of the pool holds an
// operation that waits for a slot, the program stops for good; a transformer's backward pass
// gets there. Open therefore takes the bound away: operations still run side by side and
// helpers still number GOMAXPROCS for each operation, but nobody waits for a slot. Each number
// is computed by one worker in a fixed order, so results do not depend on the schedule: two
// runs give the same bits. Memory peaks higher than with "go:ops_sequential", which runs
// one operation after another and is the choice where memory is short.
//
// # Concurrency
//
// An Engine may be used by many goroutines at once: its backend compiles and runs programs
// concurrently. Tensors placed on one engine belong to it, so one engine should do for a whole
// program: [Shared] gives everyone who asks for the same name the same one, and that one is never
// closed. An engine that [Open] gave is its caller's own; Close must come after the last use.
//
// # Caveats
//
// Nothing is ever downloaded: go-xla's auto-install is bypassed, whatever GOMLX_NO_AUTO_INSTALL
// says. Unless TF_CPP_MIN_LOG_LEVEL is set, go-xla sets it to 3 when the program starts, which
// silences the plugin's own log; a plugin that can't be loaded is still reported by klog on
// standard error, besides the error returned.
package engine
