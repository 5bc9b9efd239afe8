;; Control flow that was not structured in the source: a loop entered in the middle, several back
;; edges, exits from deep inside, and a join of many branches.
;; run: middle(0, 3) = 6
;; run: middle(1, 3) = 8
;; run: back_edges(100) = 34
;; run: deep(5, 7, 9) = 59
;; run: deep(2, 2, 99) = 4
;; run: ladder(0) = 1
;; run: ladder(3) = 15
;; run: ladder(200) = 31
;; run: states(0x3412) = 4321
;; run: never(5) = 5
(module
  ;; What a compiler makes of `goto` into a loop: a variable says where each turn begins.
  (func (export "middle") (param $entry i32) (param $n i32) (result i32) (local $sum i32)
    (block $done
      (loop $next
        (block $second
          (block $first (br_table $first $second (local.get $entry)))
          (local.set $sum (i32.add (local.get $sum) (i32.const 1))))
        (local.set $entry (i32.const 0))
        (local.set $sum (i32.add (local.get $sum) (i32.const 2)))
        (br_if $done (i32.gt_s (local.get $sum) (i32.mul (local.get $n) (i32.const 2))))
        (br_if $next (i32.ne (local.get $sum) (i32.mul (local.get $n) (i32.const 2))))))
    (local.get $sum))
  (func (export "back_edges") (param $n i32) (result i32) (local $steps i32)
    (loop $next
      (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
      (if (i32.and (local.get $n) (i32.const 1))
        (then (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br $next)))
      (if (i32.gt_u (local.get $n) (i32.const 64))
        (then (local.set $n (i32.sub (local.get $n) (i32.const 4))) (br $next)))
      (local.set $n (i32.sub (local.get $n) (i32.const 2)))
      (br_if $next (i32.gt_s (local.get $n) (i32.const 0))))
    (i32.sub (local.get $steps) (i32.const 7)))
  (func (export "deep") (param $a i32) (param $b i32) (param $c i32) (result i32)
    (local $i i32) (local $j i32) (local $k i32) (local $n i32)
    (block $out
      (loop $x
        (local.set $j (i32.const 0))
        (loop $y
          (local.set $k (i32.const 0))
          (block $inner
            (loop $z
              (br_if $out (i32.gt_u (local.tee $n (i32.add (local.get $n) (i32.const 1)))
                (i32.const 58)))
              (br_if $inner (i32.eq (local.get $k) (local.get $j)))
              (local.set $k (i32.add (local.get $k) (i32.const 1)))
              (br_if $z (i32.lt_u (local.get $k) (local.get $c)))))
          (local.set $j (i32.add (local.get $j) (i32.const 1)))
          (br_if $y (i32.lt_u (local.get $j) (local.get $b))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (if (i32.and (i32.eq (local.get $a) (i32.const 2)) (i32.eq (local.get $i) (i32.const 1)))
          (then (return (i32.add (local.get $n) (local.get $i)))))
        (br_if $x (i32.lt_u (local.get $i) (local.get $a)))))
    (local.get $n))
  (func (export "ladder") (param $n i32) (result i32) (local $bits i32)
    (block $join
      (local.set $bits (i32.const 1))
      (br_if $join (i32.lt_u (local.get $n) (i32.const 1)))
      (local.set $bits (i32.or (local.get $bits) (i32.const 2)))
      (br_if $join (i32.lt_u (local.get $n) (i32.const 2)))
      (local.set $bits (i32.or (local.get $bits) (i32.const 4)))
      (br_if $join (i32.lt_u (local.get $n) (i32.const 3)))
      (local.set $bits (i32.or (local.get $bits) (i32.const 8)))
      (br_if $join (i32.lt_u (local.get $n) (i32.const 100)))
      (local.set $bits (i32.or (local.get $bits) (i32.const 16))))
    (local.get $bits))
  ;; An interpreter: each turn dispatches on the next four bits.
  (func (export "states") (param $program i32) (result i32) (local $value i32)
    (loop $next
      (block $halt (block $4 (block $3 (block $2 (block $1
        (br_table $halt $1 $2 $3 $4 $halt (i32.and (local.get $program) (i32.const 15))))
        (local.set $value (i32.add (local.get $value) (i32.const 20)))
        (local.set $program (i32.shr_u (local.get $program) (i32.const 4)))
        (br $next))
        (local.set $value (i32.const 1))
        (local.set $program (i32.shr_u (local.get $program) (i32.const 4)))
        (br $next))
        (local.set $value (i32.add (local.get $value) (i32.const 4000)))
        (local.set $program (i32.shr_u (local.get $program) (i32.const 4)))
        (br $next))
        (local.set $value (i32.add (local.get $value) (i32.const 300)))
        (local.set $program (i32.shr_u (local.get $program) (i32.const 4)))
        (br $next)))
    (local.get $value))
  (func (export "never") (param $n i32) (result i32)
    (loop $next (result i32)
      (if (result i32) (local.get $n)
        (then (return (local.get $n)))
        (else (unreachable))))))
