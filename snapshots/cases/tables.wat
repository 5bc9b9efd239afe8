;; Table operations: get, set and size are code with a check, the rest are builtins.
;; show: trampolines
;; run: size() = 4
;; run: is_null(0) = 1
;; run: set(0, 1)
;; run: is_null(0) = 0
;; run: call(0) = 101
;; run: set(4, 1) traps table-out-of-bounds
;; run: is_null(4) traps table-out-of-bounds
;; run: grow(2) = 4
;; run: size() = 6
;; run: is_null(5) = 0
;; run: grow(100) = -1
;; run: fill(1, 2, 2)
;; run: call(2) = 102
;; run: fill(5, 2, 2) traps table-out-of-bounds
;; run: copy(0, 2, 1)
;; run: call(0) = 102
;; run: copy(5, 0, 2) traps table-out-of-bounds
;; run: init(2, 0, 2)
;; run: call(2) = 101
;; run: init(0, 1, 2) traps table-out-of-bounds
;; run: drop()
;; run: init(0, 0, 1) traps table-out-of-bounds
;; run: other_table() = 3
;; run: second(null) = null
(module
  (table $t 4 10 funcref)
  (table $other 3 externref)
  (type $number (func (result i32)))
  (elem $functions func $one $two)
  (func $one (result i32) (i32.const 101))
  (func $two (result i32) (i32.const 102))
  (func $pick (param i32) (result funcref)
    (select (result funcref)
      (ref.func $one) (ref.func $two) (i32.eq (local.get 0) (i32.const 1))))
  (func (export "size") (result i32) (table.size $t))
  (func (export "is_null") (param i32) (result i32) (ref.is_null (table.get $t (local.get 0))))
  (func (export "set") (param i32 i32)
    (table.set $t (local.get 0) (call $pick (local.get 1))))
  (func (export "call") (param i32) (result i32) (call_indirect $t (type $number) (local.get 0)))
  (func (export "grow") (param i32) (result i32)
    (table.grow $t (ref.func $one) (local.get 0)))
  (func (export "fill") (param i32 i32 i32)
    (table.fill $t (local.get 0) (call $pick (local.get 1)) (local.get 2)))
  (func (export "copy") (param i32 i32 i32)
    (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i32 i32 i32)
    (table.init $t $functions (local.get 0) (local.get 1) (local.get 2)))
  (func (export "drop") (elem.drop $functions))
  (func (export "other_table") (result i32) (table.size $other))
  (func (export "second") (param externref) (result externref)
    (table.set $other (i32.const 1) (local.get 0))
    (table.get $other (i32.const 1))))
