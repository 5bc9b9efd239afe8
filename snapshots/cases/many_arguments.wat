;; More arguments than registers, of both classes: the rest go to the stack, in order.
;; show: trampolines
;; run: integers() = 12345678
;; run: floats() = 1234567890
;; run: mixed() = 55.5
;; run: all_stack(1, 2, 3, 4, 5, 6, 7, 8) = 36
;; run: rotate(1, 2, 3, 4, 5, 6, 7, 8) = 87654321
(module
  (func $integers (param i32 i64 i32 i64 i32 i64 i32 i64) (result i64)
    (i64.extend_i32_u (local.get 0))
    i64.const 10  i64.mul  (i64.add (local.get 1))
    i64.const 10  i64.mul  (i64.add (i64.extend_i32_u (local.get 2)))
    i64.const 10  i64.mul  (i64.add (local.get 3))
    i64.const 10  i64.mul  (i64.add (i64.extend_i32_u (local.get 4)))
    i64.const 10  i64.mul  (i64.add (local.get 5))
    i64.const 10  i64.mul  (i64.add (i64.extend_i32_u (local.get 6)))
    i64.const 10  i64.mul  (i64.add (local.get 7)))
  (func (export "integers") (result i64)
    (call $integers
      (i32.const 1) (i64.const 2) (i32.const 3) (i64.const 4)
      (i32.const 5) (i64.const 6) (i32.const 7) (i64.const 8)))
  (func $floats (param f64 f64 f64 f64 f64 f64 f64 f64 f64 f32) (result f64)
    local.get 0
    f64.const 10  f64.mul  (f64.add (local.get 1))
    f64.const 10  f64.mul  (f64.add (local.get 2))
    f64.const 10  f64.mul  (f64.add (local.get 3))
    f64.const 10  f64.mul  (f64.add (local.get 4))
    f64.const 10  f64.mul  (f64.add (local.get 5))
    f64.const 10  f64.mul  (f64.add (local.get 6))
    f64.const 10  f64.mul  (f64.add (local.get 7))
    f64.const 10  f64.mul  (f64.add (local.get 8))
    f64.const 10  f64.mul  (f64.add (f64.promote_f32 (local.get 9))))
  (func (export "floats") (result f64)
    (call $floats
      (f64.const 1) (f64.const 2) (f64.const 3) (f64.const 4) (f64.const 5)
      (f64.const 6) (f64.const 7) (f64.const 8) (f64.const 9) (f32.const 0)))
  (func $mixed (param i32 f64 i32 f64 i32 f64 i32 f64 i32 f32) (result f64)
    (f64.add
      (f64.convert_i32_s (i32.add
        (i32.add (i32.add (local.get 0) (local.get 2)) (i32.add (local.get 4) (local.get 6)))
        (local.get 8)))
      (f64.add
        (f64.add (f64.add (local.get 1) (local.get 3)) (f64.add (local.get 5) (local.get 7)))
        (f64.promote_f32 (local.get 9)))))
  (func (export "mixed") (result f64)
    (call $mixed
      (i32.const 1) (f64.const 2) (i32.const 3) (f64.const 4) (i32.const 5)
      (f64.const 6) (i32.const 7) (f64.const 8) (i32.const 9) (f32.const 10.5)))
  (func $sum (export "all_stack") (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.add
      (i32.add
        (i32.add (local.get 0) (local.get 1)) (i32.add (local.get 2) (local.get 3)))
      (i32.add
        (i32.add (local.get 4) (local.get 5)) (i32.add (local.get 6) (local.get 7)))))
  ;; The parameters are passed on in the opposite order: registers and stack change places.
  (func (export "rotate") (param i32 i32 i32 i32 i32 i32 i32 i32) (result i64)
    (call $integers
      (local.get 7) (i64.extend_i32_u (local.get 6))
      (local.get 5) (i64.extend_i32_u (local.get 4))
      (local.get 3) (i64.extend_i32_u (local.get 2))
      (local.get 1) (i64.extend_i32_u (local.get 0)))))
