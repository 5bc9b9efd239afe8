;; memory.size and memory.grow: a load from the vmctx, and a builtin; what is grown is usable at once.
;; run: size() = 1
;; run: store(65536) traps memory-out-of-bounds
;; run: grow(1) = 1
;; run: size() = 2
;; run: store(65536)
;; run: grow(2) = -1
;; run: grow(0) = 2
;; run: grow_and_store(1) = 7
(module
  (memory 1 3)
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "store") (param i32) (i32.store (local.get 0) (i32.const 7)))
  (func (export "grow_and_store") (param i32) (result i32) (local i32)
    (local.set 1 (i32.shl (memory.grow (local.get 0)) (i32.const 16)))
    (i32.store (local.get 1) (i32.const 7))
    (i32.load (local.get 1))))
