//! What hospitals ask for: made-up bills like those that `bench/postgres/settle.pgbench` sends.

/// Lines of a bill.
pub(crate) const LINES: usize = 5;

/// How many pieces each line of a bill is about.
const QUANTITIES: [i64; LINES] = [1, 1, 2, 1, 3];

/// One line of a bill.
pub(crate) struct Line {
    pub(crate) code: i64,
    pub(crate) quantity: i64,
    pub(crate) price: i64,
}

impl Line {
    /// The whole amount of the line, in fen.
    pub(crate) fn amount(&self) -> i64 {
        self.quantity * self.price
    }

    /// A, B or C, as a number from 0.
    pub(crate) fn class(&self) -> u8 {
        match self.code % 3 {
            0 => 0,
            1 => 1,
            _ => 2,
        }
    }

    /// What the plan recognises: class A all, B all but the first-pay, C nothing.
    pub(crate) fn covered(&self, first_pay: i64) -> i64 {
        match self.class() {
            0 => self.amount(),
            1 => self.amount() * (10_000 - first_pay) / 10_000,
            _ => 0,
        }
    }
}

/// One request for a settlement.
pub(crate) struct Bill {
    pub(crate) hospital: i64,
    pub(crate) key: [u8; 16],
    pub(crate) patient: i64,
    pub(crate) lines: [Line; LINES],
}

/// Makes bills of people and hospitals, all equally likely.
pub(crate) struct Bills {
    state: u64,
    people: i64,
    hospitals: i64,
}

impl Bills {
    /// Bills that another seed does not repeat.
    pub(crate) fn new(seed: u64, people: i64, hospitals: i64) -> Bills {
        Bills { state: seed | 1, people, hospitals }
    }

    /// The next bill.
    pub(crate) fn draw(&mut self) -> Bill {
        Bill {
            hospital: self.between(1, self.hospitals),
            key: ((u128::from(self.number()) << 64) | u128::from(self.number())).to_le_bytes(),
            patient: self.between(0, self.people - 1),
            lines: QUANTITIES.map(|quantity| Line {
                code: self.between(1, 40_000),
                quantity,
                price: self.between(100, 8_000),
            }),
        }
    }

    /// Xorshift with a multiplication: nothing here needs better chance, and nothing is cheaper.
    fn number(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn between(&mut self, first: i64, last: i64) -> i64 {
        let width = u128::from((last - first).unsigned_abs()) + 1;
        let step = (u128::from(self.number()) * width) >> 64;
        first + i64::try_from(step).expect("a step is shorter than the width")
    }
}
