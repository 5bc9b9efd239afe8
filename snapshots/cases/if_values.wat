;; if with and without else, with parameters and results: joins that need a value in one place.
;; run: absolute(-5) = 5
;; run: absolute(5) = 5
;; run: clamp(500) = 255
;; run: clamp(-500) = 0
;; run: clamp(77) = 77
;; run: swap_if(1, 2, 1) = 2, 1
;; run: swap_if(1, 2, 0) = 1, 2
;; run: parameter(10, 1) = 20
;; run: parameter(10, 0) = 9
;; run: float_join(1.5, 0) = -1.5
;; run: chain(2) = 30
;; run: chain(9) = 0
(module
  (func (export "absolute") (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 0))
      (then (i32.sub (i32.const 0) (local.get 0)))
      (else (local.get 0))))
  (func (export "clamp") (param i32) (result i32)
    (if (i32.lt_s (local.get 0) (i32.const 0)) (then (local.set 0 (i32.const 0))))
    (if (i32.gt_s (local.get 0) (i32.const 255)) (then (local.set 0 (i32.const 255))))
    (local.get 0))
  (func (export "swap_if") (param i32 i32 i32) (result i32 i32)
    (local.get 0) (local.get 1)
    (if (param i32 i32) (result i32 i32) (local.get 2)
      (then (local.set 0) (local.set 1) (local.get 0) (local.get 1))
      (else)))
  (func (export "parameter") (param i32 i32) (result i32)
    (local.get 0)
    (if (param i32) (result i32) (local.get 1)
      (then (i32.const 2) (i32.mul))
      (else (i32.const 1) (i32.sub))))
  (func (export "float_join") (param f64 i32) (result f64)
    (if (result f64) (local.get 1)
      (then (f64.sqrt (local.get 0)))
      (else (f64.neg (local.get 0)))))
  (func (export "chain") (param i32) (result i32)
    (if (result i32) (i32.eq (local.get 0) (i32.const 1))
      (then (i32.const 20))
      (else
        (if (result i32) (i32.eq (local.get 0) (i32.const 2))
          (then (i32.const 30))
          (else (i32.const 0)))))))
