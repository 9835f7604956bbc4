'use strict';
(() => {
  const data = JSON.parse(document.getElementById('chart-data').textContent);
  const charts = [];
  let printing = false;

  const escape = text => String(text).replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
  const text = data.measure === 'perplexity', cosine = data.measure.endsWith('agreement'), scale = text || cosine ? 1 : 100, unit = text || cosine ? '' : ' %';
  const places = v => cosine ? v.toFixed(4) : v >= 1000 ? Math.round(v).toLocaleString('en') : v.toFixed(2);
  const shown = v => `${places(scale * v)}${unit}`;
  const spread = s => s.count > 1 ? ` ± ${places(scale * s.spread)} (${s.count} seeds)` : '';
  const healed = h => text && data.heals.length === 1 ? 'perplexity' : h === 'none' ? 'after removal' : h === 'bn' ? 'batch norm re-estimated' : `after ${h}`;

  function palette() {
    const style = getComputedStyle(document.documentElement);
    const of = name => style.getPropertyValue('--' + name).trim();
    return { ink: of('ink'), soft: of('soft'), line: of('line'), paper: of('paper'), main: of('removed'), mainInk: of('removed-ink'),
      series: i => of('seg' + i % 5) };
  }

  const words = (c, size = 12) => ({ color: c.soft, fontSize: size });
  const base = c => ({ animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    tooltip: { confine: true, backgroundColor: c.paper, borderColor: c.line, textStyle: { color: c.ink, fontSize: 13 } } });
  const valueAxis = (c, more) => ({ type: 'value', scale: true, axisLabel: { ...words(c), hideOverlap: true }, nameTextStyle: words(c),
    splitLine: { lineStyle: { color: c.line } }, axisLine: { show: false }, ...more });
  const legend = c => ({ top: 0, left: 0, textStyle: words(c, 13), itemWidth: 14, itemHeight: 10 });
  const symbols = ['emptyCircle', 'circle', 'diamond', 'triangle', 'rect'];

  /** Whiskers along x or y: [x, y, low, high]. */
  const whiskers = (name, points, colour, along) => ({ type: 'custom', name, silent: true, z: 1, data: points,
    itemStyle: { color: colour }, encode: along === 'x' ? { x: [2, 3], y: 1 } : { x: 0, y: [2, 3] },
    renderItem: (_, api) => {
      const [a, b] = [2, 3].map(i => along === 'x' ? api.coord([api.value(i), api.value(1)]) : api.coord([api.value(0), api.value(i)]));
      return { type: 'line', shape: { x1: a[0], y1: a[1], x2: b[0], y2: b[1] }, style: { stroke: colour, lineWidth: 2, opacity: 0.7 } };
    } });

  const rowsOf = remove => data.rows.filter(r => r.remove === remove);

  const lowEnd = s => Math.max(s.mean - s.spread, text ? s.mean / 10 : cosine ? -1 : 0);
  /** Rows far beyond all others are drawn at the axis' end, as arrows. */
  const beyond = s => data.most && s.mean > data.most;
  const perplexities = () => [...data.rows.flatMap(r => r.quality).filter(s => s && !beyond(s)).flatMap(s => [lowEnd(s), s.mean + s.spread]), ...data.dense ? [data.dense.quality] : []];
  /** From one power of two to another, so that its ends are marked too. */
  const octaves = values => ({ type: 'log', logBase: 2, min: 2 ** Math.floor(Math.log2(Math.min(...values))), max: 2 ** Math.ceil(Math.log2(Math.max(...values)) + 1e-6) });
  const drawn = s => beyond(s) ? octaves(perplexities()).max : scale * s.mean;
  /** Accuracies on a straight axis of percentages, agreements on one of their own, perplexities on a logarithmic one. */
  const qualityAxis = (c, more) => text
    ? { ...valueAxis(c, more), ...octaves(perplexities()), axisLabel: { ...words(c), hideOverlap: true, formatter: v => Math.round(v).toLocaleString('en') } }
    : valueAxis(c, { axisLabel: { ...words(c), hideOverlap: true, formatter: `{value}${unit}` }, ...more });

  function quality(c, width, index) {
    const rows = rowsOf(data.removes[index]);
    const measured = data.heals.map((h, i) => i).filter(i => rows.some(r => r.quality[i]));
    const series = measured.flatMap(i => {
      const points = rows.map((r, y) => ({ r, y, s: r.quality[i] })).filter(p => p.s);
      const colour = c.series(i);
      return [
        whiskers(healed(data.heals[i]), points.filter(p => p.s.count > 1 && !beyond(p.s)).map(p =>
          [p.s.mean, p.y, lowEnd(p.s), p.s.mean + p.s.spread].map((v, n) => n === 1 ? v : scale * v)), colour, 'x'),
        { type: 'scatter', name: healed(data.heals[i]), symbol: symbols[i % 5], symbolSize: 12, z: 3, itemStyle: { color: colour, opacity: 1 },
          label: { show: width > 560, position: measured.indexOf(i) % 2 ? 'bottom' : 'top', distance: 3, formatter: p => text ? places(p.data.spread.mean) : p.value[0].toFixed(cosine ? 3 : 1), ...words(c, 10) },
          data: points.map(p => ({ value: [drawn(p.s), p.y], row: p.r, spread: p.s, heal: data.heals[i],
            ...beyond(p.s) ? { symbol: 'arrow', symbolRotate: -90, symbolOffset: [-6, 0] } : {} })) },
      ];
    });
    if (data.dense && series.length > 1) {
      series[1].markLine = { symbol: 'none', silent: true, lineStyle: { color: c.soft, type: 'dashed' },
        label: { formatter: `dense ${shown(data.dense.quality)}`, position: 'start', ...words(c, 11) }, data: [{ xAxis: scale * data.dense.quality }] };
    }
    const main = rows.map(r => r.main);
    const percentages = { max: top => Math.min(100, 5 * Math.ceil(Math.max(top.max, data.dense ? 100 * data.dense.quality : 0) / 5 + 0.2)), min: low => Math.max(0, 5 * Math.floor(low.min / 5 - 0.2)) };
    return { ...base(c), legend: legend(c), grid: { left: width > 700 ? 400 : 150, right: 30, top: 40, bottom: 46 },
      tooltip: { ...base(c).tooltip, formatter: p => `${escape(p.data.row.title)}<br>${healed(p.data.heal)} <b>${shown(p.data.spread.mean)}</b>${spread(p.data.spread)}` },
      xAxis: qualityAxis(c, text ? {} : cosine ? { max: 1 } : percentages),
      yAxis: { type: 'category', inverse: true, data: rows.map(r => r.title), axisTick: { show: false }, axisLine: { show: false },
        splitLine: { show: true, lineStyle: { color: c.line } },
        axisLabel: { ...words(c, width > 700 ? 13 : 11), lineHeight: width > 700 ? 16 : 12, width: width > 700 ? 385 : 140, overflow: width > 700 ? 'truncate' : 'break', interval: 0,
          color: (_, i) => main[i] ? c.mainInk : c.ink } },
      series };
  }

  const passes = data.study === 'methods';
  const paid = r => passes ? r.passes : r.macs / 1e6;

  function cost(c, width) {
    const heals = data.heals.filter(h => !h.includes('epoch'));
    const i = data.heals.indexOf(heals.at(-1));
    const most = Math.max(...data.rows.map(paid));
    const beside = r => paid(r) > most / 2 ? 'left' : 'right'; // inside the chart
    const series = data.removes.map((remove, n) => ({ type: 'scatter', name: `${remove} layers removed`, symbolSize: 12,
      itemStyle: { color: c.series(n), opacity: 1 },
      data: rowsOf(remove).filter(r => r.quality[i]).map(r => ({ value: [paid(r), drawn(r.quality[i])], row: r, spread: r.quality[i],
        symbol: beyond(r.quality[i]) ? 'arrow' : r.main ? 'diamond' : 'circle', symbolSize: r.main ? 20 : 11,
        itemStyle: r.main ? { borderColor: c.ink, borderWidth: 2 } : {},
        label: { show: r.main || passes, position: r.main || !passes ? 'top' : beside(r), formatter: passes ? r.id : 'SGLP', color: r.main ? c.ink : c.soft, fontWeight: r.main ? 'bold' : 'normal' } })),
      labelLayout: { hideOverlap: true } }));
    if (data.dense && !passes) series.push({ type: 'scatter', name: 'dense', symbol: 'rect', symbolSize: 13, itemStyle: { color: c.soft },
      data: [{ value: [data.dense.macs / 1e6, scale * data.dense.quality], row: { title: 'dense network' }, spread: { mean: data.dense.quality, count: 1 } }] });
    return { ...base(c), legend: legend(c), grid: { left: 62, right: 24, top: 52, bottom: 46 },
      tooltip: { ...base(c).tooltip, formatter: p => `${escape(p.data.row.title)}<br><b>${shown(p.data.spread.mean)}</b>${spread(p.data.spread)}, ${p.value[0].toFixed(1)} ${passes ? 'passes to choose' : 'MMACs'}` },
      xAxis: valueAxis(c, { name: passes ? 'passes to choose the layers' : text || data.measure === 'agreement' ? 'million MACs a token' : 'million MACs an example', scale: !passes, nameLocation: 'middle', nameGap: 30 }),
      yAxis: qualityAxis(c, { name: cosine ? 'agreement' : data.measure }), series };
  }

  function curve(c) {
    const { losses, k } = data.curves[0];
    return { ...base(c), grid: { left: 56, top: 34, right: 20, bottom: 44 },
      tooltip: { ...base(c).tooltip, trigger: 'axis', formatter: ps => `k = ${ps[0].name}<br><b>${losses[ps[0].dataIndex].toFixed(4)}</b>` },
      xAxis: { type: 'category', data: losses.map((_, i) => i + 1), name: 'number of segments k', nameLocation: 'middle', nameGap: 28,
        nameTextStyle: words(c), axisLabel: words(c), axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false } },
      yAxis: valueAxis(c, { scale: false, name: 'sum of squares', nameTextStyle: { ...words(c), align: 'left', padding: [0, 0, 0, -40] } }),
      series: [
        { type: 'line', symbol: 'none', lineStyle: { color: c.line, width: 2, type: 'dashed' }, silent: true,
          data: losses.map((_, i) => losses[0] + (losses.at(-1) - losses[0]) * i / Math.max(1, losses.length - 1)) },
        { type: 'line', symbol: 'circle', lineStyle: { color: c.soft, width: 2 }, data: losses.map((value, i) => i + 1 === k
          ? { value, symbolSize: 15, itemStyle: { color: c.main }, label: { show: true, formatter: `automatic: k = ${k}`, position: 'right', offset: [4, -10], color: c.ink, fontWeight: 'bold', fontSize: 14 } }
          : { value, symbolSize: 7, itemStyle: { color: c.soft } }) }] };
  }

  function sizes(c) {
    const names = [...new Set(data.sizes.map(s => s.estimator))];
    const series = names.flatMap((name, n) => {
      const own = data.sizes.filter(s => s.estimator === name);
      return [
        { type: 'line', name: `${name} CKA`, symbolSize: 9, symbol: 'circle', itemStyle: { color: c.series(n) }, lineStyle: { color: c.series(n) },
          data: own.map(s => [String(s.examples), s.distance.mean]) },
        whiskers(`${name} CKA`, own.filter(s => s.distance.count > 1).map(s => [String(s.examples), s.distance.mean,
          Math.max(0, s.distance.mean - s.distance.spread), s.distance.mean + s.distance.spread]), c.series(n), 'y'),
      ];
    });
    const images = [...new Set(data.sizes.map(s => s.examples))].sort((a, b) => a - b).map(String);
    return { ...base(c), legend: legend(c), grid: { left: 56, top: 44, right: 20, bottom: 46 }, tooltip: { ...base(c).tooltip, trigger: 'axis' },
      xAxis: { type: 'category', data: images, name: `calibration ${data.sized}`, nameLocation: 'middle', nameGap: 28, nameTextStyle: words(c), axisLabel: words(c) },
      yAxis: valueAxis(c, { scale: false, name: 'distance' }), series };
  }

  function overlap(c) {
    const sizes = [...new Set(data.overlaps.map(o => o.examples))].sort((a, b) => a - b).map(String);
    const choices = [...new Set(data.overlaps.map(o => o.choice))];
    const series = data.removes.flatMap(remove => choices.map(choice => ({ choice, remove }))).map(({ choice, remove }, n) => ({ type: 'bar',
      name: choices.length > 1 ? `${choice}, ${remove} layers removed` : `${remove} layers removed`, barMaxWidth: 46, itemStyle: { color: c.series(n) },
      label: { show: true, position: 'top', formatter: p => p.value[1].toFixed(2), ...words(c, 12) },
      data: data.overlaps.filter(o => o.remove === remove && o.choice === choice).map(o => [String(o.examples), o.jaccard.mean]) }));
    return { ...base(c), legend: legend(c), grid: { left: 48, top: 44, right: 20, bottom: 46 },
      xAxis: { type: 'category', data: sizes, name: `calibration ${data.sized}`, nameLocation: 'middle', nameGap: 28, nameTextStyle: words(c), axisLabel: words(c) },
      yAxis: valueAxis(c, { min: 0, max: 1, scale: false, name: 'Jaccard index' }), series };
  }

  const kinds = { quality, cost, curve, sizes, overlap };
  const height = (kind, index) => kind === 'quality' ? `${rowsOf(data.removes[index]).length * 36 + 96}px` : kind === 'cost' ? '460px' : '320px';

  function draw() {
    const c = palette();
    for (const { chart, kind, index, element } of charts) {
      const width = printing ? 670 : element.clientWidth;
      chart.resize(printing ? { width } : undefined);
      chart.setOption(kinds[kind](c, width, index), true);
    }
  }

  for (const element of document.querySelectorAll('[data-chart]')) {
    const kind = element.dataset.chart, index = Number(element.dataset.index);
    element.style.height = height(kind, index);
    charts.push({ chart: echarts.init(element, null, { renderer: 'svg' }), kind, index, element });
  }
  draw();
  let waiting = 0;
  window.addEventListener('resize', () => { clearTimeout(waiting); waiting = setTimeout(draw, 100); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  window.addEventListener('beforeprint', () => { printing = true; draw(); });
  window.addEventListener('afterprint', () => { printing = false; draw(); });
})();
