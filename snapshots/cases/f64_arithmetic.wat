;; Every f64 operation: arithmetic, and the rules for signs, zeros and NaNs.
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
  (func (export "add") (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1)))
  (func (export "sub") (param f64 f64) (result f64) (f64.sub (local.get 0) (local.get 1)))
  (func (export "mul") (param f64 f64) (result f64) (f64.mul (local.get 0) (local.get 1)))
  (func (export "div") (param f64 f64) (result f64) (f64.div (local.get 0) (local.get 1)))
  (func (export "min") (param f64 f64) (result f64) (f64.min (local.get 0) (local.get 1)))
  (func (export "max") (param f64 f64) (result f64) (f64.max (local.get 0) (local.get 1)))
  (func (export "copysign") (param f64 f64) (result f64) (f64.copysign (local.get 0) (local.get 1)))
  (func (export "sqrt") (param f64) (result f64) (f64.sqrt (local.get 0)))
  (func (export "abs") (param f64) (result f64) (f64.abs (local.get 0)))
  (func (export "neg") (param f64) (result f64) (f64.neg (local.get 0)))
  (func (export "ceil") (param f64) (result f64) (f64.ceil (local.get 0)))
  (func (export "floor") (param f64) (result f64) (f64.floor (local.get 0)))
  (func (export "trunc") (param f64) (result f64) (f64.trunc (local.get 0)))
  (func (export "nearest") (param f64) (result f64) (f64.nearest (local.get 0)))
  ;; 2 x^2 + 1.5 x - 0.5, with constants as operands.
  (func (export "polynomial") (param f64) (result f64)
    (f64.sub
      (f64.add
        (f64.mul (f64.mul (local.get 0) (local.get 0)) (f64.const 2))
        (f64.mul (local.get 0) (f64.const 1.5)))
      (f64.const 0.5))))
