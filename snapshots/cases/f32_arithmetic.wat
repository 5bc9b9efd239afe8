;; Every f32 operation: arithmetic, and the rules for signs, zeros and NaNs.
;; run: add(1.5, 2.25) = 3.75
;; run: sub(1.5, 2.25) = -0.75
;; run: mul(-0, 3) = -0
;; run: div(1, 0) = inf
;; run: div(0, 0) = nan
;; run: sqrt(6.25) = 2.5
;; run: sqrt(-1) = nan
;; run: sqrt(-0) = -0
;; run: abs(-0) = 0
;; run: abs(-inf) = inf
;; run: neg(0) = -0
;; run: neg(nan) = nan
;; run: ceil(-0.5) = -0
;; run: ceil(1.25) = 2
;; run: floor(-0.5) = -1
;; run: floor(1.75) = 1
;; run: trunc(-1.75) = -1
;; run: trunc(0.75) = 0
;; run: nearest(2.5) = 2
;; run: nearest(3.5) = 4
;; run: nearest(-0.5) = -0
;; run: min(0, -0) = -0
;; run: min(-1, 2) = -1
;; run: min(nan, 1) = nan
;; run: min(1, nan) = nan
;; run: max(-0, 0) = 0
;; run: max(-1, 2) = 2
;; run: max(1, nan) = nan
;; run: max(nan, 1) = nan
;; run: copysign(3, -0) = -3
;; run: copysign(-3, 1) = 3
;; run: polynomial(3) = 22
(module
  (func (export "add") (param f32 f32) (result f32) (f32.add (local.get 0) (local.get 1)))
  (func (export "sub") (param f32 f32) (result f32) (f32.sub (local.get 0) (local.get 1)))
  (func (export "mul") (param f32 f32) (result f32) (f32.mul (local.get 0) (local.get 1)))
  (func (export "div") (param f32 f32) (result f32) (f32.div (local.get 0) (local.get 1)))
  (func (export "min") (param f32 f32) (result f32) (f32.min (local.get 0) (local.get 1)))
  (func (export "max") (param f32 f32) (result f32) (f32.max (local.get 0) (local.get 1)))
  (func (export "copysign") (param f32 f32) (result f32) (f32.copysign (local.get 0) (local.get 1)))
  (func (export "sqrt") (param f32) (result f32) (f32.sqrt (local.get 0)))
  (func (export "abs") (param f32) (result f32) (f32.abs (local.get 0)))
  (func (export "neg") (param f32) (result f32) (f32.neg (local.get 0)))
  (func (export "ceil") (param f32) (result f32) (f32.ceil (local.get 0)))
  (func (export "floor") (param f32) (result f32) (f32.floor (local.get 0)))
  (func (export "trunc") (param f32) (result f32) (f32.trunc (local.get 0)))
  (func (export "nearest") (param f32) (result f32) (f32.nearest (local.get 0)))
  ;; 2 x^2 + 1.5 x - 0.5, with constants as operands.
  (func (export "polynomial") (param f32) (result f32)
    (f32.sub
      (f32.add
        (f32.mul (f32.mul (local.get 0) (local.get 0)) (f32.const 2))
        (f32.mul (local.get 0) (f32.const 1.5)))
      (f32.const 0.5))))
