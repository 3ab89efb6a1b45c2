// What is wrong with the table: gaps, overlaps, cells that are not understood, each with its way there.
import { html } from 'htm/preact';

const WORDS = { block: ['须改正', 'danger'], hint: ['提示', 'warn'] };

export function Problems({ told, goTo, readonly, onClose, onTry }) {
  if (!told) return html`<div class="card"><p class="muted">正在检查……</p></div>`;
  const { problems } = told;
  return html`
    <section class="card problems" aria-labelledby="problems-title">
      <h2 id="problems-title">检查结果 ${problems.length > 0 && html`<span class="count">${problems.length}</span>`}</h2>
      <div role="status">${problems.length === 0 ? html`<p><span class="tag ok">通过</span> 每个案件都有结论，没有空档和重叠。</p>` : html`<p class="visually-hidden">有 ${problems.length} 处问题或提示</p>`}</div>
      ${problems.length > 0 && html`<ol class="plain-list">${problems.map((problem, at) => html`
        <li key=${at}><span class=${`tag ${WORDS[problem.severity][1]}`}>${WORDS[problem.severity][0]}</span> <span>${problem.message}</span>
          <span class="problem-acts">${problem.rows.map((row) => html`<button type="button" class="link-button" onClick=${() => goTo(row, problem.column)}>转到第 ${row} 行</button>`)}
          ${Object.keys(problem.example).length > 0 && html`<button type="button" class="link-button" onClick=${() => onTry(problem.example)}>用这个例子试算</button>`}
          ${problem.cells.length > 0 && !readonly && html`<button type="button" class="link-button" onClick=${() => onClose(problem.cells)}>补一行</button>`}</span></li>`)}</ol>`}
    </section>`;
}
