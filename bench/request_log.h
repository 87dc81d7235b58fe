// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "simulator/simulator.h"
#include <QFile>
#include <QObject>

namespace weir::bench {

/// Writes what the simulated provider served as JSON, one line each, so that scripts can read it meanwhile.
class RequestLog : public QObject
{
    Q_OBJECT
public:
    /// With `wholeBodies` a line holds the request's body in base64; it always holds its SHA-256.
    explicit RequestLog(bool wholeBodies) : m_wholeBodies(wholeBodies) {}

    /// Appends to what is there.
    bool open(const QString &fileName);
    bool isOpen() const { return m_file.isOpen(); }
    QString errorString() const { return m_file.errorString(); }

    void write(const weir::simulator::Arrived &served);

private:
    const bool m_wholeBodies;
    QFile m_file;
};

} // namespace weir::bench
