;; Bulk memory operations are builtins: each checks both ranges before it writes anything.
;; show: trampolines
;; run: init(0, 1, 3)
;; run: load(0) = 0x00646362
;; run: init(0, 4, 2) traps memory-out-of-bounds
;; run: init(65535, 0, 2) traps memory-out-of-bounds
;; run: fill(8, 0x1ab, 4)
;; run: load(8) = 0xabababab
;; run: fill(65535, 1, 2) traps memory-out-of-bounds
;; run: copy(9, 0, 3)
;; run: load(8) = 0x646362ab
;; run: copy(8, 9, 3)
;; run: load(8) = 0x64646362
;; run: copy(0, 65534, 3) traps memory-out-of-bounds
;; run: copy(65536, 65536, 0)
;; run: drop()
;; run: init(0, 0, 1) traps memory-out-of-bounds
;; run: init(0, 0, 0)
(module
  (memory 1)
  (data $text "abcde")
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "init") (param i32 i32 i32)
    (memory.init $text (local.get 0) (local.get 1) (local.get 2)))
  (func (export "fill") (param i32 i32 i32)
    (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32)
    (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "drop") (data.drop $text)))
