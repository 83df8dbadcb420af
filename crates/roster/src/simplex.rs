//! A flow of least cost by the network simplex method (Dantzig 1951), with strongly feasible
//! trees (Cunningham 1976), which keep it from going round in circles.
//!
//! It starts from a flow that the caller names and keeps a tree of arcs that fixes the price
//! of every node: what one more unit from there costs. An arc that is cheaper than the tree
//! takes units over until something is full or empty, and that leaves the tree for it. When
//! costs change the tree is still one to go on from, so solving again takes little.

const NONE: u32 = u32::MAX;

/// Arcs looked at before the best of them is taken: fewer are taken blindly, more looked at
/// in vain.
const BLOCK: usize = 256;

#[derive(Clone, Copy, Debug)]
struct Arc {
    from: u32,
    to: u32,
    cost: i64,
}

/// Where an arc stands; the sign of the cost at which it would enter the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
enum State {
    Full = -1,
    InTree = 0,
    Empty = 1,
}

/// A node's place in the tree.
#[derive(Clone, Copy, Debug)]
struct Place {
    parent: u32,
    /// The arc between it and its parent.
    arc: u32,
    depth: u32,
    first_child: u32,
    next: u32,
    previous: u32,
}

const ROOT: Place = Place {
    parent: NONE,
    arc: NONE,
    depth: 0,
    first_child: NONE,
    next: NONE,
    previous: NONE,
};

/// Nodes and arcs with what flows through them. Node 0 is the drain.
#[derive(Debug)]
pub struct Simplex {
    arcs: Vec<Arc>,
    states: Vec<State>,
    flows: Vec<u32>,
    rooms: Vec<u32>,
    prices: Vec<i64>,
    places: Vec<Place>,
    /// Where the search for an arc goes on.
    next: usize,
    /// Of a walk over a part of the tree; kept so that it need not be made anew.
    to_visit: Vec<u32>,
}

impl Simplex {
    /// Where every unit ends.
    pub const DRAIN: u32 = 0;

    /// Only the drain.
    pub fn new() -> Self {
        Self {
            arcs: Vec::new(),
            states: Vec::new(),
            flows: Vec::new(),
            rooms: Vec::new(),
            prices: vec![0],
            places: vec![ROOT],
            next: 0,
            to_visit: Vec::new(),
        }
    }

    /// Adds a node with a way to one that is there, which `flow` units take at first: fewer
    /// than have room.
    pub fn add_node(&mut self, to: u32, room: u32, cost: i64, flow: u32) -> u32 {
        debug_assert!(flow < room, "another unit finds its way from every node");
        let node = id(self.places.len());
        let arc = self.add_arc(node, to, room, cost);
        self.flows[arc] = flow;
        self.states[arc] = State::InTree;
        self.prices.push(self.prices[to as usize] + cost);
        self.places.push(Place {
            arc: id(arc),
            depth: self.places[to as usize].depth + 1,
            ..ROOT
        });
        self.hang(node, to);
        node
    }

    /// Adds an empty arc.
    pub fn add_arc(&mut self, from: u32, to: u32, room: u32, cost: i64) -> usize {
        self.arcs.push(Arc { from, to, cost });
        self.states.push(State::Empty);
        self.flows.push(0);
        self.rooms.push(room);
        self.arcs.len() - 1
    }

    /// Adds an arc that is full at first.
    pub fn add_full_arc(&mut self, from: u32, to: u32, room: u32, cost: i64) -> usize {
        let arc = self.add_arc(from, to, room, cost);
        self.flows[arc] = room;
        self.states[arc] = State::Full;
        arc
    }

    /// Makes each unit through an arc dearer. The flow stays until it is solved again.
    pub fn raise(&mut self, arc: usize, by: i64) {
        self.arcs[arc].cost += by;
        let Arc { from, to, .. } = self.arcs[arc];
        if self.places[from as usize].arc == id(arc) {
            self.settle(from, by);
        } else if self.places[to as usize].arc == id(arc) {
            self.settle(to, -by);
        }
    }

    /// Units through an arc.
    pub fn flow(&self, arc: usize) -> u32 {
        self.flows[arc]
    }

    /// What one more unit from a node to the drain costs, once solved.
    pub fn price(&self, node: u32) -> i64 {
        self.prices[node as usize]
    }

    /// What all units cost.
    pub fn cost(&self) -> i64 {
        let arcs = self.arcs.iter().zip(&self.flows);
        arcs.map(|(arc, flow)| arc.cost * i64::from(*flow)).sum()
    }

    /// Makes the flow one of least cost.
    pub fn solve(&mut self) {
        while let Some(arc) = self.entering() {
            self.enter(arc);
        }
    }

    /// An arc that saves something: the best of the next block in which there is one.
    fn entering(&mut self) -> Option<usize> {
        for _ in 0..self.arcs.len().div_ceil(BLOCK) {
            let block = self.next..self.arcs.len().min(self.next + BLOCK);
            self.next = block.end % self.arcs.len();
            let more = |arc: usize| (self.more(arc) * self.states[arc] as i64, arc);
            let best = block.map(more).min();
            if let Some((..0, arc)) = best {
                return Some(arc);
            }
        }
        None
    }

    /// What a unit costs more through an arc than by the tree.
    fn more(&self, arc: usize) -> i64 {
        let Arc { from, to, cost } = self.arcs[arc];
        cost + self.prices[to as usize] - self.prices[from as usize]
    }

    /// Sends round the circle that an arc closes in the tree what it takes, and lets the arc
    /// that took no more leave the tree: the last of them from where the circle is nearest to
    /// the drain, so that another unit still finds its way there from every node.
    fn enter(&mut self, entering: usize) {
        let Arc { from, to, .. } = self.arcs[entering];
        let (more, full) = (self.more(entering), self.states[entering] == State::Full);
        let (from, to, more) = if full {
            (to, from, -more)
        } else {
            (from, to, more)
        };
        let join = self.join(from, to);

        let mut units = self.rooms[entering];
        let mut leaving = None;
        let mut node = from;
        while node != join {
            let spare = self.spare(node, false);
            if spare < units {
                units = spare;
                leaving = Some((node, from, to, more));
            }
            node = self.places[node as usize].parent;
        }
        node = to;
        while node != join {
            let spare = self.spare(node, true);
            if spare <= units {
                units = spare;
                leaving = Some((node, to, from, -more));
            }
            node = self.places[node as usize].parent;
        }

        if units > 0 {
            self.push(from, join, false, units);
            self.push(to, join, true, units);
            let flow = &mut self.flows[entering];
            *flow = if full { *flow - units } else { *flow + units };
        }
        if let Some((cut, inner, outer, dearer)) = leaving {
            let left = self.places[cut as usize].arc as usize;
            self.states[left] = self.outside(left);
            self.states[entering] = State::InTree;
            self.turn(cut, inner, outer, id(entering));
            self.settle(inner, dearer);
        } else {
            self.states[entering] = self.outside(entering);
        }
    }

    /// How an arc that is empty or full stands outside the tree.
    fn outside(&self, arc: usize) -> State {
        match self.flows[arc] {
            0 => State::Empty,
            _ => State::Full,
        }
    }

    /// Where the ways of two nodes to the drain meet.
    fn join(&self, mut one: u32, mut other: u32) -> u32 {
        while one != other {
            let (place, its) = (self.places[one as usize], self.places[other as usize]);
            if place.depth >= its.depth {
                one = place.parent;
            } else {
                other = its.parent;
            }
        }
        one
    }

    /// Units that can still go from a node to its parent, or down from there.
    fn spare(&self, node: u32, up: bool) -> u32 {
        let arc = self.places[node as usize].arc as usize;
        if (self.arcs[arc].from == node) == up {
            self.rooms[arc] - self.flows[arc]
        } else {
            self.flows[arc]
        }
    }

    /// Sends units up the tree from a node, or down to it.
    fn push(&mut self, mut node: u32, join: u32, up: bool, units: u32) {
        while node != join {
            let Place { arc, parent, .. } = self.places[node as usize];
            let flow = &mut self.flows[arc as usize];
            let along = (self.arcs[arc as usize].from == node) == up;
            *flow = if along { *flow + units } else { *flow - units };
            node = parent;
        }
    }

    /// Cuts a part of the tree off above `cut` and hangs it by its node `inner` to `outer`.
    fn turn(&mut self, cut: u32, inner: u32, outer: u32, arc: u32) {
        let (mut node, mut parent, mut arc) = (inner, outer, arc);
        loop {
            let old = self.places[node as usize];
            self.take_off(node);
            self.places[node as usize].arc = arc;
            self.hang(node, parent);
            if node == cut {
                return;
            }
            (node, parent, arc) = (old.parent, node, old.arc);
        }
    }

    fn hang(&mut self, node: u32, parent: u32) {
        let next = std::mem::replace(&mut self.places[parent as usize].first_child, node);
        let place = &mut self.places[node as usize];
        (place.parent, place.previous, place.next) = (parent, NONE, next);
        if let Some(next) = self.places.get_mut(next as usize) {
            next.previous = node;
        }
    }

    fn take_off(&mut self, node: u32) {
        let place = self.places[node as usize];
        match self.places.get_mut(place.previous as usize) {
            Some(previous) => previous.next = place.next,
            None => self.places[place.parent as usize].first_child = place.next,
        }
        if let Some(next) = self.places.get_mut(place.next as usize) {
            next.previous = place.previous;
        }
    }

    /// Makes a node and what hangs below it dearer, and their depths true.
    fn settle(&mut self, top: u32, by: i64) {
        self.to_visit.push(top);
        while let Some(node) = self.to_visit.pop() {
            self.prices[node as usize] += by;
            let place = self.places[node as usize];
            self.places[node as usize].depth = self.places[place.parent as usize].depth + 1;
            let mut child = place.first_child;
            while child != NONE {
                self.to_visit.push(child);
                child = self.places[child as usize].next;
            }
        }
    }
}

/// As nodes and arcs are numbered.
fn id(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}
