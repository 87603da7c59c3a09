/** An answer that uses all of Markdown, for pictures. */
export const tour = `# How a prompt is read

A model reads a prompt in **chunks**, and each one takes *its* time. The first answer token comes after the last chunk, so a bar can tell \`processed / total\`. It is ~~a guess~~ a count. See [the protocol](https://example.com/protocol) or https://example.com/prefill.

## What the bar knows

1. How many tokens were **cached**
2. How many are read:
   - in chunks of 512
   - at a rate that changes little
3. How many are left

- [x] Cached part
- [x] Rate
- [ ] Place in the queue

> A percentage without a total is a guess.
>
> - nobody likes to wait
> - but people wait *longer* when they know how long

### In numbers

| Engine | Prompt tokens | Tokens/s | Note |
|:-------|--------------:|---------:|------|
| llama.cpp | 20,000 | 4,310 | with \`--batch-size 512\` and a note that is long enough to need a second line |
| vLLM | 20,000 | **9,870** | on a large card |
| CPU | 2,000 | 44.1 | |

The time is $t = \\frac{n - c}{r}$ for $n$ tokens of which $c$ are cached, or in full

$$
t_{\\text{prefill}} = \\sum_{i=1}^{k} \\frac{b_i}{r_i} \\approx \\int_0^{n} \\frac{dx}{r(x)}, \\qquad
A = \\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}
$$

\`\`\`ts
import { createClient } from '@headway/client';

/** Tells how far the prompt is. */
export async function read(prompt: string, limit = 512): Promise<number> {
  const client = createClient({ url: 'http://127.0.0.1:4477' });
  for await (const event of client.generate({ prompt })) {
    if (event.type === 'prefill') console.log(\`\${event.processed} of \${event.total}\`); // a line that is long enough to scroll
  }
  return limit * 2;
}
\`\`\`

\`\`\`python
@dataclass
class Chunk:
    """A part of a prompt."""
    size: int = 512

    def read(self, text: str) -> list[int]:
        return [ord(c) for c in text if c not in {"\\n", None}]
\`\`\`

\`\`\`diff
- const total = guess();
+ const total = prompt.tokens; // counted
\`\`\`

---

#### A small heading

![A chart of the rate](https://example.com/chart.png) and the last words.
`;
