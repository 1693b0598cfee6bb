"""Writes a QGIS project of PostGIS layers with rule-based styles. Run by Debian's own python3, which has QGIS.

``/usr/bin/python3 qgis_project.py DESCRIPTION.json PROJECT.qgs``; the description lists layers, lowest first, each
with its source, condition, kind and rules (filter, fill, strokes in mm or metres, label in mm).
"""

import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import (  # after the platform is set
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsDataSourceUri,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsPalLayerSettings,
    QgsProject,
    QgsRuleBasedLabeling,
    QgsRuleBasedRenderer,
    QgsSimpleFillSymbolLayer,
    QgsSimpleLineSymbolLayer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsUnitTypes,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QFont


def layer_of(described):
    uri = QgsDataSourceUri()
    uri.setConnection(described["host"], "5432", described["database"], described["user"], "")
    schema, table = described["name"].split(".")
    uri.setDataSource(schema, table, "geom", described["condition"], "id")
    uri.setSrid("3844")
    uri.setUseEstimatedMetadata(True)
    uri.setParam("checkPrimaryKeyUnicity", "0")
    layer = QgsVectorLayer(uri.uri(False), described["name"], "postgres")
    if not layer.isValid():
        raise SystemExit(f"QGIS cannot read {described['name']}: {layer.error().message()}")
    layer.setShortName(described["name"].replace(".", "_"))
    root = QgsRuleBasedRenderer.Rule(None)
    for rule in described["rules"]:
        root.appendChild(
            QgsRuleBasedRenderer.Rule(symbol_of(rule, described["kind"]), filterExp=rule["filter"])
        )
    layer.setRenderer(QgsRuleBasedRenderer(root))
    labels = [rule for rule in described["rules"] if rule["label"]]
    if labels:
        top = QgsRuleBasedLabeling.Rule(None)
        for rule in labels:
            top.appendChild(
                QgsRuleBasedLabeling.Rule(
                    label_of(rule["label"], described["kind"]), filterExp=rule["filter"]
                )
            )
        layer.setLabeling(QgsRuleBasedLabeling(top))
        layer.setLabelsEnabled(True)
    return layer


def symbol_of(rule, kind):
    symbol = QgsFillSymbol() if kind == "polygon" else QgsLineSymbol()
    parts = []
    if kind == "polygon" and rule["fill"]:
        parts.append(QgsSimpleFillSymbolLayer(QColor(*rule["fill"]), strokeStyle=Qt.NoPen))
    for stroke in rule["strokes"]:
        line = QgsSimpleLineSymbolLayer(QColor(*stroke["colour"]), stroke["width"])
        line.setWidthUnit(QgsUnitTypes.RenderMapUnits if stroke["ground"] else QgsUnitTypes.RenderMillimeters)
        line.setPenJoinStyle(Qt.RoundJoin)
        if stroke["dash"]:
            line.setUseCustomDashPattern(True)
            line.setCustomDashVector(stroke["dash"])
        parts.append(line)
    if not parts:
        parts.append(
            QgsSimpleFillSymbolLayer(QColor(0, 0, 0, 0), strokeStyle=Qt.NoPen)
            if kind == "polygon"
            else QgsSimpleLineSymbolLayer(QColor(0, 0, 0, 0))
        )
    for part in parts:
        symbol.appendSymbolLayer(part)
    symbol.deleteSymbolLayer(0)
    return symbol


def label_of(label, kind):
    settings = QgsPalLayerSettings()
    settings.fieldName, settings.isExpression = label["expression"], True
    settings.placement = QgsPalLayerSettings.Line if kind == "line" else QgsPalLayerSettings.OverPoint
    if kind == "polygon":
        settings.centroidInside = True
    text = QgsTextFormat()
    text.setFont(QFont("Noto Sans"))
    text.setSize(label["size"])
    text.setSizeUnit(QgsUnitTypes.RenderMillimeters)
    text.setColor(QColor(*label["colour"]))
    halo = QgsTextBufferSettings()
    halo.setEnabled(True)
    halo.setSize(0.4)
    text.setBuffer(halo)
    settings.setFormat(text)
    if label["every"]:
        settings.repeatDistance = label["every"]
        settings.repeatDistanceUnit = QgsUnitTypes.RenderMillimeters
    return settings


def main():
    with open(sys.argv[1], encoding="utf-8") as source:  # plain Python, no packages
        described = json.load(source)
    application = QgsApplication([], False)
    application.initQgis()
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:3844"))
    for one in described:
        project.addMapLayer(layer_of(one))
    project.writeEntry("WMSUrl", "/", "")
    project.writeEntry("WMSCrsList", "/", ["EPSG:3844"])
    if not project.write(sys.argv[2]):
        raise SystemExit(f"QGIS cannot write {sys.argv[2]}")
    application.exitQgis()


if __name__ == "__main__":
    main()
