;; Copies and fills of a small constant length are loads and stores, the highest first, so that nothing
;; is written when they trap; beyond 64 bytes, and of any other length, they are calls.
;; all fill_7: no call
;; all fill_64: no call
;; all copy_15: no call
;; x64 fill_65: contains call wasm_builtin_memory_fill
;; aarch64 fill_65: contains bl wasm_builtin_memory_fill
;; run: fill_1(8, 0x1ff)
;; run: load(8) = 0xff
;; run: fill_7(16, 0xab)
;; run: load(16) = 0x00ababababababab
;; run: fill_7(65530, 1) traps memory-out-of-bounds
;; run: load(65528) = 0
;; run: fill_64(100, 2)
;; run: load(156) = 0x0202020202020202
;; run: load(164) = 0
;; run: fill_65(100, 3)
;; run: load(157) = 0x0303030303030303
;; run: copy_15(101, 100)
;; run: load(101) = 0x0303030303030303
;; run: copy_15(65521, 100)
;; run: load(65528) = 0x0303030303030303
;; run: copy_15(65522, 16) traps memory-out-of-bounds
;; run: copy_15(0, 65522) traps memory-out-of-bounds
;; run: fill_0(65536)
;; run: fill_0(65537) traps memory-out-of-bounds
(module
  (memory 1)
  (func (export "load") (param i32) (result i64) (i64.load (local.get 0)))
  (func (export "fill_0") (param i32) (memory.fill (local.get 0) (i32.const 1) (i32.const 0)))
  (func (export "fill_1") (param i32 i32) (memory.fill (local.get 0) (local.get 1) (i32.const 1)))
  (func (export "fill_7") (param i32 i32) (memory.fill (local.get 0) (local.get 1) (i32.const 7)))
  (func (export "fill_64") (param i32 i32)
    (memory.fill (local.get 0) (local.get 1) (i32.const 64)))
  (func (export "fill_65") (param i32 i32)
    (memory.fill (local.get 0) (local.get 1) (i32.const 65)))
  (func (export "copy_15") (param i32 i32)
    (memory.copy (local.get 0) (local.get 1) (i32.const 15))))
