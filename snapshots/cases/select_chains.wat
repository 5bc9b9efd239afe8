;; Chains of select: minimum, maximum, clamp, three ways, on floats and references, and what a small
;; if becomes.
;; all clamp: no call, no traps
;; run: clamp(5, 1, 10) = 5
;; run: clamp(-5, 1, 10) = 1
;; run: clamp(50, 1, 10) = 10
;; run: sign(-7) = -1
;; run: sign(0) = 0
;; run: sign(9) = 1
;; run: largest(3, 9, 4) = 9
;; run: largest(-1, -9, -4) = -1
;; run: float_clamp(7.5) = 1
;; run: float_clamp(-0) = 0
;; run: float_clamp(nan) = nan
;; run: wide(1, 2, 3) = 2
;; run: wide(0, 2, 3) = 3
;; run: absolute(-5) = 5
;; run: absolute(5) = 5
;; run: bits(0x10) = 1
;; run: bits(0x0f) = 0
;; run: nested(1, 0) = 2
;; run: nested(0, 1) = 3
;; run: small_if(3) = 4
;; run: small_if(0) = 100
(module
  (func (export "clamp") (param i32 i32 i32) (result i32)
    (select
      (local.get 1)
      (select (local.get 2) (local.get 0) (i32.gt_s (local.get 0) (local.get 2)))
      (i32.lt_s (local.get 0) (local.get 1))))
  (func (export "sign") (param i32) (result i32)
    (select (i32.const -1)
      (select (i32.const 1) (i32.const 0) (i32.gt_s (local.get 0) (i32.const 0)))
      (i32.lt_s (local.get 0) (i32.const 0))))
  (func (export "largest") (param i64 i64 i64) (result i64) (local $m i64)
    (local.set $m
      (select (local.get 0) (local.get 1) (i64.gt_s (local.get 0) (local.get 1))))
    (select (local.get $m) (local.get 2) (i64.gt_s (local.get $m) (local.get 2))))
  (func (export "float_clamp") (param f64) (result f64)
    (select (f64.const 1)
      (select (f64.const 0) (local.get 0) (f64.le (local.get 0) (f64.const 0)))
      (f64.gt (local.get 0) (f64.const 1))))
  (func (export "wide") (param i32 i64 i64) (result i64)
    (select (local.get 1) (local.get 2) (local.get 0)))
  (func (export "absolute") (param i32) (result i32)
    (select (i32.sub (i32.const 0) (local.get 0)) (local.get 0)
      (i32.lt_s (local.get 0) (i32.const 0))))
  (func (export "bits") (param i32) (result i32)
    (select (i32.const 1) (i32.const 0) (i32.and (local.get 0) (i32.const 0x10))))
  (func (export "nested") (param i32 i32) (result i32)
    (select (i32.const 2) (i32.const 3) (i32.eqz (select (i32.eqz (local.get 0)) (local.get 1)
      (i32.eqz (local.get 1))))))
  (func (export "small_if") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (local.get 0) (i32.const 1)))
      (else (i32.const 100)))))
