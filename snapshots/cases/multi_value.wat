;; Several results of functions, blocks and loops, in registers of both classes and on the stack.
;; show: trampolines
;; run: two(1, 2) = 2, 1
;; run: mixed(1, 2.5) = 2.5, 1, 1
;; run: block() = 7
;; run: loop_parameters(5) = 120
;; run: use_two(3, 4) = 1
;; run: ten() = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
;; run: sum_ten() = 55
;; run: many_floats() = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
;; run: sum_floats() = 55
;; run: pass_on() = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
(module
  (func $two (export "two") (param i32 i32) (result i32 i32) (local.get 1) (local.get 0))
  (func (export "mixed") (param i64 f64) (result f64 i64 i32)
    (local.get 1) (local.get 0) (i32.wrap_i64 (local.get 0)))
  (func (export "block") (result i32)
    (block (result i32 i32) (i32.const 3) (i32.const 4))
    i32.add)
  (func (export "loop_parameters") (param $n i32) (result i32)
    (i32.const 1) (local.get $n)
    (loop $next (param i32 i32) (result i32)
      (local.set $n)
      (i32.mul (local.get $n))
      (i32.sub (local.get $n) (i32.const 1))
      (br_if $next (local.tee $n) (local.get $n))
      (drop)))
  (func (export "use_two") (param i32 i32) (result i32)
    (call $two (local.get 0) (local.get 1))
    i32.sub)
  (func $ten (export "ten") (result i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5)
    (i32.const 6) (i32.const 7) (i32.const 8) (i32.const 9) (i32.const 10))
  (func (export "sum_ten") (result i32)
    (call $ten)
    i32.add i32.add i32.add i32.add i32.add i32.add i32.add i32.add i32.add)
  (func $floats (export "many_floats") (result f64 f32 f64 f32 f64 f32 f64 f32 f64 f64)
    (f64.const 1) (f32.const 2) (f64.const 3) (f32.const 4) (f64.const 5)
    (f32.const 6) (f64.const 7) (f32.const 8) (f64.const 9) (f64.const 10))
  (func (export "sum_floats") (result f64) (local f64)
    (call $floats)
    f64.add
    (local.set 0)
    (f64.promote_f32) (f64.add (local.get 0)) (local.set 0)
    (f64.add (local.get 0)) (local.set 0)
    (f64.promote_f32) (f64.add (local.get 0)) (local.set 0)
    (f64.add (local.get 0)) (local.set 0)
    (f64.promote_f32) (f64.add (local.get 0)) (local.set 0)
    (f64.add (local.get 0)) (local.set 0)
    (f64.promote_f32) (f64.add (local.get 0)) (local.set 0)
    (f64.add (local.get 0)))
  ;; A call in tail position whose results are this function's.
  (func (export "pass_on") (result i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (call $ten)))
