# An index of tasks. What they do is in .ci/run; without an argument that runs them all.

.PHONY: check test test-simd test-race test-xla test-minilm test-big test-libtokenizers test-gpu bench bench-methods golden

check:       ; .ci/run format vet staticcheck
test:        ; .ci/run test
test-simd:   ; .ci/run simd
test-race:   ; .ci/run race
test-xla:    ; .ci/run xla
test-minilm: ; .ci/run minilm
test-big:    ; .ci/run big
golden:      ; .ci/run golden
test-gpu:    ; .ci/run gpu
bench:       ; .ci/bench > docs/bench.md && cat docs/bench.md
bench-methods: ; python3 examples/bench/methods.py
