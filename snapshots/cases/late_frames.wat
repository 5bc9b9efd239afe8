;; Frames that are built where they are needed: an early return, loops on both sides, a trap before the
;; prologue, ends that both parts reach, targets of a table, values that only the framed part needs, and
;; paths that meet again, so that the frame is built before they part.
;; run: early(1) = 1
;; run: early(9) = 55
;; run: two_loops(4, 0) = 10
;; run: two_loops(4, 3) = 20
;; run: divide(7, 0, 0) traps integer-divide-by-zero
;; run: divide(7, 2, 0) = 3
;; run: divide(7, 2, 3) = 13
;; run: shared(0, 0) = 0, 4
;; run: shared(0, 5) = 5, 4
;; run: shared(2, 5) = 16, 4
;; run: table(0) = 10
;; run: table(1) = 11
;; run: table(2) = 30
;; run: table(7) = 40
;; run: sunk(0, 9) = 0
;; run: sunk(2, 9) = 29
;; run: meets(0, 7) = 0
;; run: meets(1, 7) = -68
;; run: meets(7, 1) = 14
(module
  (func $next (param i32) (result i32) (i32.add (local.get 0) (i32.const 10)))
  (func $down (param i32) (result i32) (i32.sub (local.get 0) (i32.const 1)))
  (func $early (export "early") (param i32) (result i32)
    (if (i32.lt_u (local.get 0) (i32.const 2)) (then (return (i32.const 1))))
    (return (i32.add
      (call $early (i32.sub (local.get 0) (i32.const 1)))
      (call $early (i32.sub (local.get 0) (i32.const 2))))))
  (func (export "two_loops") (param $a i32) (param $b i32) (result i32) (local $sum i32)
    (loop $first
      (local.set $sum (i32.add (local.get $sum) (local.get $a)))
      (br_if $first (local.tee $a (i32.sub (local.get $a) (i32.const 1)))))
    (if (i32.eqz (local.get $b)) (then (return (local.get $sum))))
    (loop $second
      (local.set $sum (i32.add (local.get $sum) (local.get $b)))
      (br_if $second (local.tee $b (call $down (local.get $b)))))
    (i32.add (local.get $sum) (i32.const 4)))
  (func (export "divide") (param i32 i32 i32) (result i32) (local $quotient i32)
    (local.set $quotient (i32.div_u (local.get 0) (local.get 1)))
    (if (i32.eqz (local.get 2)) (then (return (local.get $quotient))))
    (call $next (local.get 2)))
  (func (export "shared") (param i32 i32) (result i32 i32)
    (block $end (result i32)
      (if (i32.eqz (local.get 0)) (then (br $end (local.get 1))))
      (local.set 1 (call $next (local.get 1)))
      (br_if $end (i32.const 4) (i32.eqz (local.get 0)))
      (drop)
      (i32.add (i32.const 1) (local.get 1)))
    (i32.const 4))
  (func (export "table") (param i32) (result i32)
    (block $d (block $c (block $b (block $a
      (br_table $a $b $c $d (local.get 0)))
      (return (i32.const 10)))
      (return (call $next (i32.const 1))))
      (return (i32.const 30)))
    (i32.const 40))
  (func (export "sunk") (param i32 i32) (result i32) (local $product i32)
    (local.set $product (i32.mul (local.get 0) (local.get 1)))
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (i32.add (call $next (i32.const 1)) (local.get $product)))
  (func (export "meets") (param i32 i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (if (i32.lt_u (local.get 0) (local.get 1))
      (then (local.set 0 (call $next (local.get 1)))))
    (i32.mul (local.get 0) (i32.sub (i32.const 3) (local.get 1)))
    (return)))
