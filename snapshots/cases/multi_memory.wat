;; Several memories: each has a base of its own in the vmctx, and what is stored in one does not change
;; what was loaded from another.
;; run: store(0, 7, 8)
;; run: sum(0) = 15
;; run: copy(4, 0)
;; run: second(4) = 7
;; run: sizes() = 3
;; run: grow(1) = 2
;; run: sizes() = 4
;; run: second(0x1fffc) = 0
;; run: first(65536) traps memory-out-of-bounds
;; run: imported(0) = 0
;; run: fill(8)
;; run: second(8) = 0x05050505
;; run: first(8) = 0
;; run: apart(16) = 21
(module
  (import "host" "memory" (memory $host 1))
  (memory $a 1)
  (memory $b 2)
  (func (export "store") (param i32 i32 i32)
    (i32.store $a (local.get 0) (local.get 1))
    (i32.store $b (local.get 0) (local.get 2)))
  (func (export "sum") (param i32) (result i32)
    (i32.add (i32.load $a (local.get 0)) (i32.load $b (local.get 0))))
  (func (export "copy") (param i32 i32)
    (memory.copy $b $a (local.get 0) (local.get 1) (i32.const 4)))
  (func (export "first") (param i32) (result i32) (i32.load $a (local.get 0)))
  (func (export "second") (param i32) (result i32) (i32.load $b (local.get 0)))
  (func (export "imported") (param i32) (result i32) (i32.load $host (local.get 0)))
  (func (export "sizes") (result i32) (i32.add (memory.size $a) (memory.size $b)))
  (func (export "grow") (param i32) (result i32) (memory.grow $b (local.get 0)))
  (func (export "fill") (param i32)
    (memory.fill $b (local.get 0) (i32.const 5) (i32.const 4)))
  (func (export "apart") (param $at i32) (result i32)
    (i32.store $a (local.get $at) (i32.const 10))
    (i32.store $b (local.get $at) (i32.const 1))
    (i32.add (i32.load $a (local.get $at))
      (i32.add (i32.load $a (local.get $at)) (i32.load $b (local.get $at))))))
