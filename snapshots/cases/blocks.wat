;; Nested blocks, branches over several of them, and code that is never reached.
;; run: depth(0) = 1
;; run: depth(1) = 2
;; run: depth(2) = 3
;; run: depth(3) = 4
;; run: value(5) = 15
;; run: value(50) = 50
;; run: dead_after_branch(4) = 4
;; run: dead_after_return() = 7
;; run: dead_after_trap() traps unreachable
;; run: empty()
(module
  (func (export "depth") (param i32) (result i32)
    (block $a
      (block $b
        (block $c
          (br_if $a (i32.eq (local.get 0) (i32.const 3)))
          (br_if $b (i32.eq (local.get 0) (i32.const 2)))
          (br_if $c (i32.eq (local.get 0) (i32.const 1)))
          (return (i32.const 1)))
        (return (i32.const 2)))
      (return (i32.const 3)))
    (i32.const 4))
  (func (export "value") (param i32) (result i32)
    (block $done (result i32)
      (i32.add
        (i32.const 10)
        (br_if $done (local.get 0) (i32.gt_s (local.get 0) (i32.const 9))))))
  (func (export "dead_after_branch") (param i32) (result i32)
    (block $done (result i32)
      (br $done (local.get 0))
      (loop (result i32) (drop (i32.const 1)) (i32.div_s (i32.const 1) (i32.const 0)))))
  (func (export "dead_after_return") (result i32)
    (return (i32.const 7))
    (if (i32.const 1) (then (unreachable)) (else (nop)))
    (i32.const 8))
  (func (export "dead_after_trap") (result i32)
    unreachable
    drop
    i32.add)
  (func (export "empty") (block (nop))))
