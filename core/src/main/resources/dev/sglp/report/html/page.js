'use strict';
(() => {
  const data = JSON.parse(document.getElementById('chart-data').textContent);
  const removed = new Set(data.removed);
  const segments = (data.boundaries?.length ?? 1) - 1;
  const charts = [];

  const escape = text => String(text).replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
  const number = v => v === null || v === undefined ? '–'
    : (Math.abs(v) < 1e-3 && v !== 0 || Math.abs(v) >= 1e6 ? v.toExponential(2) : v.toFixed(4)).replace('-', '−');
  const nameOf = i => data.names[i] ?? `layer ${i}`;
  const segmentOf = layer => Math.max(0, data.boundaries.findIndex(b => b > layer) - 1);
  const narrow = () => window.innerWidth <= 640;

  /** The colours of the style sheet, so that charts follow light, dark and print. */
  function palette() {
    const style = getComputedStyle(document.documentElement);
    const of = name => style.getPropertyValue('--' + name).trim();
    const dark = !printing && matchMedia('(prefers-color-scheme: dark)').matches;
    const scale = ['#fdfbe0', '#dcefb5', '#a3d8b8', '#5bbcc2', '#2a94bf', '#2663a8', '#23378b', '#0a1a55'];
    return {
      ink: of('ink'), soft: of('soft'), line: of('line'), paper: of('paper'), removed: of('removed'), removedInk: of('removed-ink'),
      segment: s => of('seg' + s % 5), scale: dark ? scale.toReversed() : scale,
    };
  }
  let printing = false;

  const text = (c, size = 12) => ({ color: c.soft, fontSize: size });
  const tooltip = c => ({
    confine: true, backgroundColor: c.paper, borderColor: c.line, textStyle: { color: c.ink, fontSize: 13 },
  });
  const valueAxis = (c, more) => ({
    type: 'value', scale: true, axisLabel: text(c), nameTextStyle: text(c),
    splitLine: { lineStyle: { color: c.line } }, axisLine: { show: false }, ...more,
  });
  const base = c => ({ animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, tooltip: tooltip(c) });

  /** The similarity of every two layers; a cell may stand for a block of neighbours. */
  function cka(c, width) {
    const { block, values } = data.heatmap;
    const n = values.length;
    const cells = values.flatMap((row, i) => row.map((v, j) => [j, i, v]));
    const least = Math.min(...values.map(row => Math.min(...row.filter(v => v !== null))));
    const low = Math.min(0.95, Math.floor(least * 20) / 20);
    const labels = values.map((_, i) => String(i * block));
    const who = i => block === 1 ? `${i} · ${escape(nameOf(i))}`
      : `${i * block} to ${Math.min((i + 1) * block, data.names.length) - 1}`;
    const axis = { type: 'category', data: labels, axisTick: { show: false }, axisLine: { show: false },
      axisLabel: { ...text(c, 11), margin: 14, interval: Math.ceil(n / (width < 480 ? 10 : 28)) - 1 } };
    return {
      ...base(c),
      grid: { left: 40, top: 34, right: 6, bottom: 64 },
      xAxis: { ...axis, position: 'top' }, yAxis: { ...axis, inverse: true },
      visualMap: { type: 'continuous', min: low, max: 1, seriesIndex: 0, calculable: false, hoverLink: false, orient: 'horizontal',
        left: 'center', bottom: 8, itemWidth: 12, itemHeight: Math.min(260, width * 0.5), precision: 2,
        text: ['1 · alike', `different · ${low.toFixed(2)}`], textStyle: text(c), inRange: { color: c.scale } },
      tooltip: { ...tooltip(c), formatter: p => p.seriesIndex !== 0 ? '' :
        `${who(p.data[1])}<br>${who(p.data[0])}<br><b>CKA ${p.data[2] === null ? '–' : p.data[2].toFixed(3)}</b>` },
      series: [
        { type: 'heatmap', data: cells, progressive: 0, emphasis: { itemStyle: { borderColor: c.ink, borderWidth: 1.5 } } },
        { type: 'custom', data: [[0, 0]], silent: true, z: 5, renderItem: (_, api) => borders(c, api, block) },
      ],
    };
  }

  /** Segment borders as lines with a halo, removed layers as marks along the upper and left edge. */
  function borders(c, api, block) {
    const [w, h] = api.size([1, 1]);
    const [cx, cy] = api.coord([0, 0]);
    const x0 = cx - w / 2, y0 = cy - h / 2;
    const n = data.names.length / block;
    const x = layer => x0 + layer / block * w, y = layer => y0 + layer / block * h;
    const line = (shape, stroke, lineWidth) => ({ type: 'line', shape, style: { stroke, lineWidth } });
    const inner = data.boundaries.slice(1, -1);
    const shapes = inner.flatMap(b => [
      { x1: x(b), x2: x(b), y1: y0, y2: y0 + n * h }, { x1: x0, x2: x0 + n * w, y1: y(b), y2: y(b) }]);
    const mark = shape => ({ type: 'rect', shape, style: { fill: c.removed } });
    const marks = [...removed].flatMap(i => [
      mark({ x: x(i) + 1, y: y0 - 9, width: Math.max(2, w / block - 2), height: 6 }),
      mark({ x: x0 - 9, y: y(i) + 1, width: 6, height: Math.max(2, h / block - 2) })]);
    return { type: 'group', children: [
      ...shapes.map(s => line(s, c.paper, 4)), ...shapes.map(s => line(s, c.ink, 1.5)), ...marks] };
  }

  function fisher(c) {
    return {
      ...base(c),
      grid: { left: 56, top: 30, right: 20, bottom: 44 },
      xAxis: { type: 'category', data: data.fisher.map((_, i) => i + 1), name: 'number of segments k', nameLocation: 'middle',
        nameGap: 28, nameTextStyle: text(c), axisLabel: text(c), axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false } },
      yAxis: valueAxis(c, { scale: false, name: 'sum of squares', nameTextStyle: { ...text(c), align: 'left', padding: [0, 0, 0, -40] } }),
      tooltip: { ...tooltip(c), trigger: 'axis', formatter: ([p]) => `k = ${p.name}<br><b>${number(data.fisher[p.dataIndex])}</b>` },
      series: [{ type: 'line', symbol: 'circle', lineStyle: { color: c.soft, width: 2 },
        data: data.fisher.map((value, i) => i + 1 === segments
          ? { value, symbolSize: 15, itemStyle: { color: c.ink, borderColor: c.paper, borderWidth: 2 },
              label: { show: true, formatter: `k = ${segments}`, position: 'right', offset: [4, -10], color: c.ink, fontWeight: 'bold', fontSize: 14 } }
          : { value, symbolSize: 7, itemStyle: { color: c.soft } }) }],
    };
  }

  const shorten = layers => layers.length <= 6 ? layers.join(' ') : `${layers.slice(0, 5).join(' ')} … +${layers.length - 5}`;

  function candidates(c, width, index) {
    const { rows, gap, total, segment } = data.candidates[index];
    const shown = gap < 0 ? rows : [...rows.slice(0, gap), null, ...rows.slice(gap)];
    const best = rows[0];
    const ends = rows.filter(r => r.score !== null).flatMap(r => [r.score - r.spread, r.score + r.spread]);
    const low = Math.min(...ends), high = Math.max(...ends), edge = (high - low || 1) * 0.06;
    const colour = row => row.chosen ? c.removed : c.segment(segment);
    const label = row => row === null ? `${total - rows.length} more` : shorten(row.layers);
    return {
      ...base(c),
      grid: { left: 8, top: 8, right: 18, bottom: 24, containLabel: true },
      xAxis: valueAxis(c, { splitNumber: 3, min: low - edge, max: high + edge,
        axisLabel: { ...text(c, 11), hideOverlap: true, showMinLabel: false, showMaxLabel: false } }),
      yAxis: { type: 'category', inverse: true, data: shown.map(label), axisTick: { show: false },
        axisLine: { lineStyle: { color: c.line } },
        axisLabel: { interval: 0, fontSize: 12,
          color: (_, i) => shown[i]?.chosen ? c.removedInk : shown[i] === null ? c.soft : c.ink } },
      tooltip: { ...tooltip(c), formatter: p => {
        const row = shown[p.dataIndex];
        const spread = row.spread > 0 ? ` ± ${number(row.spread)}` : '';
        const note = [row === best ? 'lowest score' : '', row.chosen ? 'removed' : ''].filter(Boolean).join(', ');
        return `${row.layers.map(i => `${i} · ${escape(nameOf(i))}`).join('<br>')}<br><b>${number(row.score)}${spread}</b>${note && '<br>' + note}`;
      } },
      series: [
        { type: 'custom', silent: true, z: 1, data: shown.map((row, i) => row?.spread > 0 ? [row.score, i, row.spread] : ['-', i, 0]),
          encode: { x: 0, y: 1 }, renderItem: (_, api) => whisker(c, api) },
        { type: 'scatter', z: 3, data: shown.map((row, i) => row === null ? ['-', i] : { value: [row.score ?? '-', i],
          symbolSize: row.chosen || row === best ? 13 : 8,
          itemStyle: { color: row === best && !row.chosen ? c.paper : colour(row), borderColor: colour(row), borderWidth: 2, opacity: 1 } }) },
      ],
    };
  }

  function whisker(c, api) {
    const score = api.value(0), spread = api.value(2);
    if (!(spread > 0)) {
      return null;
    }
    const [x1, y] = api.coord([score - spread, api.value(1)]);
    const [x2] = api.coord([score + spread, api.value(1)]);
    return { type: 'line', shape: { x1, x2, y1: y, y2: y }, style: { stroke: c.soft, lineWidth: 2, opacity: 0.6 } };
  }

  function singles(c, width) {
    const n = data.names.length;
    const measured = data.singles.some(s => s.loss_increase !== null && s.loss_increase !== undefined);
    const colour = s => removed.has(s.layer) ? c.removed : c.segment(segmentOf(s.layer));
    const bars = (pick, axis) => ({ type: 'bar', xAxisIndex: axis, yAxisIndex: axis, barMaxWidth: 22, barMinHeight: 1,
      data: data.singles.map(s => ({ value: [s.layer, pick(s)], itemStyle: { color: colour(s),
        decal: removed.has(s.layer) && n <= 144 ? { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: Math.PI / 4, color: c.paper } : null } })) });
    const x = (index, label) => ({ gridIndex: index, type: 'category', data: data.names.map((_, i) => i),
      axisTick: { show: false }, axisLine: { lineStyle: { color: c.line } },
      axisLabel: { ...text(c, 11), show: label, interval: Math.ceil(n / Math.max(8, width / 30)) - 1 } });
    const y = (index, name) => valueAxis(c, { gridIndex: index, scale: false, name, splitNumber: 3,
      nameTextStyle: { ...text(c), align: 'left', padding: [0, 0, 0, -44] } });
    return {
      ...base(c),
      axisPointer: { link: [{ xAxisIndex: 'all' }] },
      grid: measured ? [{ left: 52, right: 8, top: 34, height: '36%' }, { left: 52, right: 8, bottom: 28, height: '34%' }]
        : [{ left: 52, right: 8, top: 34, bottom: 28 }],
      xAxis: measured ? [x(0, false), x(1, true)] : [x(0, true)],
      yAxis: measured ? [y(0, 'score alone'), y(1, 'loss increase when absent (nats)')] : [y(0, 'score alone')],
      tooltip: { ...tooltip(c), trigger: 'axis', axisPointer: { type: 'shadow' }, formatter: ([p]) => {
        const s = data.singles[p.dataIndex];
        const spread = s.spread > 0 ? ` ± ${number(s.spread)}` : '';
        const loss = measured ? `<br>loss increase <b>${number(s.loss_increase)}</b>` : '';
        return `${s.layer} · ${escape(nameOf(s.layer))}${removed.has(s.layer) ? ', removed' : ''}<br>score <b>${number(s.score)}</b>${spread}${loss}`;
      } },
      series: measured ? [bars(s => s.score, 0), bars(s => s.loss_increase, 1)] : [bars(s => s.score, 0)],
    };
  }

  /** Two charts above each other: the losses, and the validation accuracy with its best epoch. */
  function training(c) {
    const epochs = data.training;
    const measured = epochs.some(e => e.validation_accuracy !== null);
    const told = epochs.filter(e => e.validation_loss !== null);
    const best = told.length > 0 ? told.reduce((a, b) => b.validation_loss < a.validation_loss ? b : a) : null;
    const percent = v => v === null ? '–' : `${(100 * v).toFixed(2)} %`;
    const x = (index, label) => ({ gridIndex: index, type: 'category', data: epochs.map(e => e.number), boundaryGap: epochs.length === 1,
      axisTick: { show: false }, axisLine: { onZero: false, lineStyle: { color: c.line } }, axisLabel: { ...text(c), show: label },
      name: label ? data.unit : '', nameLocation: 'middle', nameGap: 28, nameTextStyle: text(c) });
    const y = (index, name, more) => valueAxis(c, { gridIndex: index, name, splitNumber: 4,
      nameTextStyle: { ...text(c), align: 'left', padding: [0, 0, 0, -48] }, ...more });
    const line = (name, axis, colour, dash, pick) => ({ type: 'line', name, xAxisIndex: axis, yAxisIndex: axis, symbol: 'circle',
      symbolSize: epochs.length > 60 ? 0 : 6, lineStyle: { color: colour, width: 2, type: dash }, itemStyle: { color: colour },
      data: epochs.map(pick) });
    const accuracy = e => e !== best ? e.validation_accuracy : { value: e.validation_accuracy, symbolSize: 14,
      itemStyle: { color: c.ink, borderColor: c.paper, borderWidth: 2 },
      label: { show: true, formatter: `${data.unit} ${e.number} · ${percent(e.validation_accuracy)}`, color: c.ink, fontWeight: 'bold', fontSize: 13,
        position: epochs.indexOf(e) > epochs.length / 2 ? 'left' : 'right', offset: [0, 16] } };
    const series = [line('training loss', 0, c.segment(0), 'solid', e => e.training_loss)];
    if (told.length > 0) {
      series.push(line('validation loss', 0, c.segment(1), 'dashed', e => e.validation_loss));
    }
    if (told.some(e => e.validation_kl != null)) {
      series.push(line('KL from the teacher', 0, c.segment(2), 'dotted', e => e.validation_kl));
    }
    if (measured) {
      series.push(line('validation accuracy', 1, c.segment(1), 'solid', accuracy));
    }
    return {
      ...base(c),
      axisPointer: { link: [{ xAxisIndex: 'all' }] },
      legend: { top: 0, right: 8, data: series.filter(s => s.xAxisIndex === 0).map(s => s.name), textStyle: text(c, 13) },
      grid: measured ? [{ left: 60, right: 24, top: 40, height: '36%' }, { left: 60, right: 24, bottom: 44, height: '32%' }]
        : [{ left: 60, right: 24, top: 40, bottom: 44 }],
      xAxis: measured ? [x(0, false), x(1, true)] : [x(0, true)],
      yAxis: measured ? [y(0, 'loss (nats)'), y(1, 'accuracy (validation)', { axisLabel: { ...text(c), formatter: v => `${+(100 * v).toFixed(1)} %` } })]
        : [y(0, 'loss (nats)')],
      tooltip: { ...tooltip(c), trigger: 'axis', formatter: ([p]) => {
        const e = epochs[p.dataIndex];
        return `${data.unit} ${e.number}${e === best ? ', best' : ''}<br>training loss <b>${number(e.training_loss)}</b><br>validation loss <b>${number(e.validation_loss)}</b>`
          + (e.validation_kl != null ? `<br>KL from the teacher <b>${number(e.validation_kl)}</b>` : '')
          + (measured ? `<br>validation accuracy <b>${percent(e.validation_accuracy)}</b>` : '') + `<br>learning rate ${e.learning_rate.toPrecision(3)}`;
      } },
      series,
    };
  }

  const kinds = { cka, fisher, candidates, singles, training };

  function height(kind, index) {
    if (kind === 'candidates') {
      const { rows, gap } = data.candidates[index];
      return `${(rows.length + (gap < 0 ? 0 : 1)) * 22 + 44}px`;
    }
    return kind === 'singles' ? (narrow() ? '360px' : '400px') : kind === 'training' ? '440px' : '';
  }

  /** A page of paper is laid out only after the charts are drawn: its widths in CSS pixels. */
  const paperWidth = { cka: 560, fisher: 600, candidates: 310, singles: 670, training: 670 };

  function draw() {
    const c = palette();
    for (const { chart, kind, index, element } of charts) {
      const width = printing ? paperWidth[kind] : element.clientWidth;
      chart.resize(printing ? { width, height: kind === 'cka' ? width * 1.06 : 'auto' } : undefined);
      chart.setOption(kinds[kind](c, width, index), true);
    }
  }

  for (const element of document.querySelectorAll('[data-chart]')) {
    const kind = element.dataset.chart, index = Number(element.dataset.index);
    element.style.height = height(kind, index);
    const chart = echarts.init(element, null, kind === 'cka'
      ? { renderer: 'canvas', devicePixelRatio: Math.max(2, window.devicePixelRatio) } : { renderer: 'svg' });
    charts.push({ chart, kind, index, element });
  }
  draw();
  let waiting = 0;
  window.addEventListener('resize', () => { clearTimeout(waiting); waiting = setTimeout(draw, 100); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  window.addEventListener('beforeprint', () => { printing = true; draw(); });
  window.addEventListener('afterprint', () => { printing = false; draw(); });

  /* Boxes of the network: the title becomes a tip that touch and keyboard reach too. */
  const tip = document.getElementById('tip');
  function show(cell) {
    tip.textContent = cell.dataset.tip;
    tip.hidden = false;
    const box = cell.getBoundingClientRect();
    const left = Math.min(Math.max(8, box.left + box.width / 2 - tip.offsetWidth / 2), document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = `${left + window.scrollX}px`;
    tip.style.top = `${box.bottom + 6 + window.scrollY}px`;
  }
  for (const cell of document.querySelectorAll('.cell')) {
    cell.dataset.tip = cell.title;
    cell.setAttribute('aria-label', cell.title);
    cell.removeAttribute('title');
    for (const event of ['mouseenter', 'focus']) cell.addEventListener(event, () => show(cell));
    for (const event of ['mouseleave', 'blur']) cell.addEventListener(event, () => { tip.hidden = true; });
  }
  /* One stop of the tab key for all boxes of a strip. */
  for (const strip of document.querySelectorAll('.strip')) {
    strip.addEventListener('keydown', event => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const next = step && strip.children[[...strip.children].indexOf(document.activeElement) + step];
      if (next) {
        next.focus();
        event.preventDefault();
      }
    });
  }
})();
