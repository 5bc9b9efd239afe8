;; Every float comparison as a value: the six results of a type are packed into one number.
;; The bits are, from the lowest: eq ne lt gt le ge. Only ne holds for a NaN.
;; run: f32(1, 1) = 49
;; run: f32(1, 2) = 22
;; run: f32(2, 1) = 42
;; run: f32(0, -0) = 49
;; run: f32(nan, 1) = 2
;; run: f32(nan, nan) = 2
;; run: f64(1, 1) = 49
;; run: f64(1, 2) = 22
;; run: f64(2, 1) = 42
;; run: f64(0, -0) = 49
;; run: f64(nan, 1) = 2
;; run: f64(nan, nan) = 2
(module
  (func (export "f32") (param f32 f32) (result i32)
    (f32.eq (local.get 0) (local.get 1))
    (f32.ne (local.get 0) (local.get 1))
    i32.const 1
    i32.shl
    i32.or
    (f32.lt (local.get 0) (local.get 1))
    i32.const 2
    i32.shl
    i32.or
    (f32.gt (local.get 0) (local.get 1))
    i32.const 3
    i32.shl
    i32.or
    (f32.le (local.get 0) (local.get 1))
    i32.const 4
    i32.shl
    i32.or
    (f32.ge (local.get 0) (local.get 1))
    i32.const 5
    i32.shl
    i32.or
  )
  (func (export "f64") (param f64 f64) (result i32)
    (f64.eq (local.get 0) (local.get 1))
    (f64.ne (local.get 0) (local.get 1))
    i32.const 1
    i32.shl
    i32.or
    (f64.lt (local.get 0) (local.get 1))
    i32.const 2
    i32.shl
    i32.or
    (f64.gt (local.get 0) (local.get 1))
    i32.const 3
    i32.shl
    i32.or
    (f64.le (local.get 0) (local.get 1))
    i32.const 4
    i32.shl
    i32.or
    (f64.ge (local.get 0) (local.get 1))
    i32.const 5
    i32.shl
    i32.or
  )
)
