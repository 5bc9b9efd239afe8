;; Globals of every type, exported and changed by several functions: they are in the vmctx, are kept
;; over calls that may change them, and are loaded once where nothing can.
;; run: set(1, 2, 3, 4)
;; run: sum() = 10
;; run: twice() = 8
;; run: over_call() = 5
;; run: exchange() = -0
;; run: exchange() = 3
;; run: no_change(5) = 25
(module
  (global $i (export "i") (mut i32) (i32.const 0))
  (global $l (export "l") (mut i64) (i64.const 0))
  (global $f (export "f") (mut f32) (f32.const 0))
  (global $d (export "d") (mut f64) (f64.const 0))
  (global $zero (mut f32) (f32.const -0))
  (global $fixed (export "fixed") i32 (i32.const 5))
  (func (export "set") (param i32 i64 f32 f64)
    (global.set $i (local.get 0))
    (global.set $l (local.get 1))
    (global.set $f (local.get 2))
    (global.set $d (local.get 3)))
  (func (export "sum") (result f64)
    (f64.add (f64.add (f64.convert_i32_s (global.get $i)) (f64.convert_i64_s (global.get $l)))
      (f64.add (f64.promote_f32 (global.get $f)) (global.get $d))))
  (func (export "twice") (result f64) (f64.add (global.get $d) (global.get $d)))
  (func $change (global.set $i (i32.add (global.get $i) (i32.const 3))))
  (func (export "over_call") (result i32)
    (global.get $i)
    (call $change)
    (i32.add (global.get $i)))
  (func (export "exchange") (result f32) (local f32)
    (local.set 0 (global.get $zero))
    (global.set $zero (global.get $f))
    (global.set $f (local.get 0))
    (local.get 0))
  (func (export "no_change") (param i32) (result i32)
    (i32.mul (local.get 0) (global.get $fixed))))
