;; Prints the Mandelbrot set, 78 by 30 characters: a WASI command that needs nothing but fd_write.
(module $mandelbrot
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; 0: one iovec (pointer, length); 8: bytes written; 16: the shades; 64: one line
  (data (i32.const 16) " .:-=+*#%@")

  ;; How many steps until |z| exceeds 2, at most 90.
  (func $escape (param $cr f64) (param $ci f64) (result i32)
    (local $n i32) (local $zr f64) (local $zi f64) (local $rr f64) (local $ii f64)
    (loop $step
      (if (f64.gt
            (f64.add
              (local.tee $rr (f64.mul (local.get $zr) (local.get $zr)))
              (local.tee $ii (f64.mul (local.get $zi) (local.get $zi))))
            (f64.const 4))
        (then (return (local.get $n))))
      (local.set $zi
        (f64.add
          (f64.mul (f64.mul (f64.const 2) (local.get $zr)) (local.get $zi))
          (local.get $ci)))
      (local.set $zr (f64.add (f64.sub (local.get $rr) (local.get $ii)) (local.get $cr)))
      (br_if $step
        (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 90))))
    (local.get $n))

  (func $line (param $y i32)
    (local $x i32)
    (loop $next
      (i32.store8 offset=64
        (local.get $x)
        (i32.load8_u offset=16
          (i32.div_u
            (call $escape
              (f64.sub
                (f64.div (f64.convert_i32_u (local.get $x)) (f64.const 26))
                (f64.const 2.2))
              (f64.sub
                (f64.div (f64.convert_i32_u (local.get $y)) (f64.const 12))
                (f64.const 1.21)))
            (i32.const 10))))
      (br_if $next
        (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 1))) (i32.const 78))))
    (i32.store8 offset=64 (local.get $x) (i32.const 10))
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 79))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))

  (func (export "_start")
    (local $y i32)
    (loop $next
      (call $line (local.get $y))
      (br_if $next
        (i32.lt_u (local.tee $y (i32.add (local.get $y) (i32.const 1))) (i32.const 30))))))
